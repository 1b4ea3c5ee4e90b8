import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Test } from "tap";

/** Linux keeps it in memory. */
const memory = "/dev/shm";

/**
 * A folder for databases, that is removed with the test. It is in memory where the system offers that: SQLite waits
 * for the disk at each commit, which takes longer than all else that a test does, and no test is about a power cut.
 */
export function makeTestFolder(t: Pick<Test, "teardown">): string {
  const folder = makeFolder();
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Such a folder until `act` has ended. */
export async function withinFolder<T>(act: (folder: string) => Promise<T>): Promise<T> {
  const folder = makeFolder();
  try {
    return await act(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const makeFolder = () => mkdtempSync(join(existsSync(memory) ? memory : tmpdir(), "cita-"));
