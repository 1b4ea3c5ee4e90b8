import { existsSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import type { Test } from "tap";

/** Linux keeps it in memory. */
const memory = "/dev/shm";

/**
 * Makes a test's folder, in memory where the system offers that: SQLite waits for the disk at each commit, which
 * takes longer than all else that a test does, and no test is about a power cut.
 * Not for scripts that import packages, which Node looks for in the folders above.
 */
export function makeTestFolder(t: Pick<Test, "testdir" | "testdirName">): string {
  if (existsSync(memory) && !t.testdirName.startsWith(memory))
    t.testdirName = join(memory, `cita-${userInfo().uid}`, t.testdirName);
  return t.testdir();
}
