import type { Engine } from "../engine.ts";
import { exclusively } from "./exclusively.ts";
import { checkWritable, findDamage } from "./health.ts";
import { hasTable, migrate } from "./migrations.ts";
import { watchCommits } from "./wake.ts";

export const sqliteEngine: Engine = {
  name: "sqlite",
  exclusively,
  watchCommits,
  checkWritable,
  findDamage,
  hasTable,
  migrate,
};
