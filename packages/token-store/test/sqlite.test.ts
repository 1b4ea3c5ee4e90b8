import { join } from "node:path";
import { openDatabase } from "@cita/database";
import t from "tap";
import { testTokenStore } from "./contract.ts";

testTokenStore(t, async (t) => {
  const db = openDatabase(`file:${join(t.testdir(), "calendar.db")}`);
  t.teardown(() => db.destroy());
  return db;
});
