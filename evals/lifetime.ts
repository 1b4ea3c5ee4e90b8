import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Lifetime } from "../test/support/world.ts";

/** A temporary folder for what `run` opens; all of it is closed and removed in the end, last opened first. */
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
