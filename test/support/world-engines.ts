import type { Test } from "tap";
import { engineOfRun } from "./test-database.ts";
import { createWorld, type World } from "./world.ts";

/**
 * A test of whole services that doesn't depend on the engine: on SQLite in `npm test`, on PostgreSQL in `npm run proofs`
 * (`test/proofs/postgres-worlds.test.ts`).
 */
export function forEachWorld(
  t: Test,
  name: string,
  options: Parameters<typeof createWorld>[1],
  test: (t: Test, world: World) => Promise<void>,
): void {
  const engine = engineOfRun;
  void t.test(`${name} (${engine})`, async (t) => test(t, await createWorld(t, { ...options, engine })));
}
