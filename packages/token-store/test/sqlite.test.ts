import { join } from "node:path";
import { openDatabase } from "@cita/database";
import { sql } from "kysely";
import t from "tap";
import { createKeyRing, generateFernetKey } from "../src/index.ts";
import { testTokenStore } from "./contract.ts";
import { alice, connect, openStore } from "./fixtures.ts";

testTokenStore(t, async (t) => {
  const db = openDatabase(`file:${join(t.testdir(), "calendar.db")}`);
  t.teardown(() => db.destroy());
  return db;
});

t.test("a disconnecting that is cut short leaves the connection and its link as they were", async (t) => {
  const db = openDatabase(`file:${join(t.testdir(), "calendar.db")}`);
  t.teardown(() => db.destroy());
  const store = await openStore({ db, keys: createKeyRing(generateFernetKey()) });
  await connect(store, "alice");
  const { token } = await store.consentLinks.issue({ ...alice, lifetimeMs: 3_600_000 });

  for (const change of ["delete on oauth_tokens", "update on consent_links"]) {
    await sql
      .raw(`create trigger cut before ${change} begin select raise(abort, 'cut short'); end`)
      .execute(db);
    await t.rejects(store.disconnect("alice", true), { message: "cut short" });
    await sql`drop trigger cut`.execute(db);
    t.match(await store.connections.find(alice), { accessToken: "ya29.alice" });
    t.match(await store.consentLinks.findByToken(token), { state: "live" });
  }
  t.equal(await store.disconnect("alice", true), true);
});
