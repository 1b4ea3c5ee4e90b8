import type { Engine } from "../engine.ts";
import { createKeyQueue } from "../key-queue.ts";
import { takeKey } from "./exclusively.ts";
import { checkWritable, findDamage } from "./health.ts";
import { hasTable, migrate } from "./migrations.ts";
import { watchCommits } from "./wake.ts";
import type { WriteQueue } from "./write-queue.ts";

export function createSqliteEngine(queue: WriteQueue, lockTimeoutMs: number): Engine {
  return {
    name: "sqlite",
    keyQueue: createKeyQueue({ width: 1, maxWaitMs: 2 * lockTimeoutMs }),
    takeKey,
    connectionUse: () => ({ ...queue.use(), limit: 1 }),
    watchCommits,
    checkWritable,
    findDamage,
    hasTable,
    migrate,
  };
}
