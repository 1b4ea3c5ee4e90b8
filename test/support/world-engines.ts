import type { Test } from "tap";
import { engines } from "./test-database.ts";
import { createWorld, type World } from "./world.ts";

/** A test of whole services that runs on every engine. */
export function forEachWorld(
  t: Test,
  name: string,
  options: Parameters<typeof createWorld>[1],
  test: (t: Test, world: World) => Promise<void>,
): void {
  for (const engine of engines)
    void t.test(`${name} (${engine})`, async (t) => test(t, await createWorld(t, { ...options, engine })));
}
