import type { Engine } from "../engine.ts";
import type { KeyQueue } from "../key-queue.ts";
import { takeKey } from "./exclusively.ts";
import { checkWritable, findDamage } from "./health.ts";
import { hasTable, migrate } from "./migrations.ts";
import { watchCommits } from "./wake.ts";

export function createSqliteEngine(keyQueue: KeyQueue): Engine {
  return {
    name: "sqlite",
    keyQueue,
    takeKey,
    watchCommits,
    checkWritable,
    findDamage,
    hasTable,
    migrate,
  };
}
