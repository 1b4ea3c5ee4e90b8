import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createWorld, type Lifetime, type World } from "../test/support/world.ts";

/** Both services and a local Google in this process, without Google's quotas: the evals exceed those of one business. */
export function openWorld(lifetime: Lifetime): Promise<World> {
  const unlimited = "1000000";
  return createWorld(lifetime, {
    variables: { GOOGLE_USER_QUOTA: unlimited, GOOGLE_PROJECT_QUOTA: unlimited },
  });
}

/** Runs with what a world takes from a test. Afterwards all is closed, last opened first, and its folder removed. */
export async function withLifetime<T>(run: (lifetime: Lifetime) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "cita-evals-"));
  const closing: (() => unknown)[] = [() => rmSync(folder, { recursive: true })];
  try {
    return await run({
      testdirName: folder,
      testdir: () => folder,
      teardown: (close) => void closing.unshift(close),
    });
  } finally {
    for (const close of closing) await close();
  }
}
