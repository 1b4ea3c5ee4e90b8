import { randomUUID } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Lifetime } from "../test/support/world.ts";

/** A temporary folder for what `run` opens; all of it is closed and removed in the end, last opened first. */
export async function withLifetime<T>(run: (lifetime: Lifetime) => Promise<T>): Promise<T> {
  const closing: (() => unknown)[] = [];
  const lifetime: Lifetime = {
    testdirName: join(tmpdir(), `cita-evals-${randomUUID()}`),
    testdir() {
      const folder = lifetime.testdirName;
      mkdirSync(folder, { recursive: true });
      closing.push(() => rmSync(folder, { recursive: true, force: true }));
      return folder;
    },
    teardown: (close) => void closing.unshift(close),
  };
  try {
    return await run(lifetime);
  } finally {
    for (const close of closing) await close();
  }
}
