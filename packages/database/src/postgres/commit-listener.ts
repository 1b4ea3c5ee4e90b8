import { setTimeout as sleep } from "node:timers/promises";
import type { Client, QueryResult, QueryResultRow } from "pg";
import { quoteIdentifier } from "./quote-identifier.ts";
import { within } from "./within.ts";

/** A connection that hears of commits, and tells of them. */
export type CommitListener = {
  notify(): Promise<void>;
  /** Listens until the connection fails or the signal is aborted. @throws what it failed of. */
  listen(onCommit: () => void, signal: AbortSignal): Promise<void>;
};

const lookMs = 1_000;
const answerMs = 5_000;

/** @param client is the listener's own, and closed by it. */
export function createCommitListener(client: Client, channel: string): CommitListener {
  const name = quoteIdentifier(channel);
  let lastQuery: Promise<unknown> = Promise.resolve();

  /** One after the other, as the library asks for. */
  function query<Row extends QueryResultRow>(text: string): Promise<QueryResult<Row>> {
    const answer = lastQuery.then(() =>
      within(client.query<Row>(text), answerMs, () => new Error("no answer")),
    );
    lastQuery = answer.catch(() => undefined);
    return answer;
  }

  /** Changes whenever a transaction that has written ends, of whichever program. */
  async function readSnapshot(): Promise<string | undefined> {
    const { rows } = await query<{ snapshot: string }>("select pg_current_snapshot()::text as snapshot");
    return rows[0]?.snapshot;
  }

  return {
    async notify() {
      await query(`notify ${name}`);
    },

    async listen(onCommit, signal) {
      const ended = new AbortController();
      client.once("end", () => ended.abort());
      const either = AbortSignal.any([ended.signal, signal]);
      client.on("notification", onCommit);
      try {
        await query(`listen ${name}`);
        onCommit();
        for (let snapshot = await readSnapshot(); !either.aborted; ) {
          await sleep(lookMs, undefined, { ref: false, signal: either });
          const found = await readSnapshot();
          // Also where a notification came since: another transaction may have ended after it.
          if (found !== snapshot) onCommit();
          snapshot = found;
        }
      } finally {
        void client.end().catch(() => undefined);
      }
    },
  };
}
