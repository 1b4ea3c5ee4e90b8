import { sql } from "kysely";
import type { Database } from "../database.ts";

/** Half of the 100 ms within which an event has to reach its readers. */
const pollMs = 50;

/**
 * Calls `onCommit` within 50 ms after a commit, of whichever process. SQLite doesn't notify, so the reading connection is
 * asked whether the file has changed since, which takes some microseconds. Always called once at the beginning: what was
 * committed between the caller's last query and the first poll isn't known. In memory there are no other connections, and
 * it isn't called again.
 * @returns a function that ends the watching.
 * @see https://sqlite.org/pragma.html#pragma_data_version
 */
export function watchCommits(db: Database, onCommit: () => void): () => void {
  let version: number | undefined;
  const poll = async () => {
    const found = await readVersion(db);
    if (found === version) return;
    version = found;
    onCommit();
  };
  const timer = setInterval(poll, pollMs).unref();
  return () => clearInterval(timer);
}

/** @returns -1 where the database doesn't answer: whoever reads next meets the error. */
async function readVersion(db: Database): Promise<number> {
  // As a select, so that the reading connection is asked, which sees this process's commits too.
  const version = sql<{ data_version: number }>`select data_version from pragma_data_version`;
  const { rows } = await version.execute(db).catch(() => ({ rows: [] }));
  return rows[0]?.data_version ?? -1;
}
