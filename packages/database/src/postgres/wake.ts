import { setTimeout as sleep } from "node:timers/promises";
import { type CommitListener, createCommitListener } from "./commit-listener.ts";
import type { Connections } from "./connections.ts";
import { quoteIdentifier } from "./quote-identifier.ts";

/**
 * Tells processes of one another's commits by `NOTIFY`. It is sent after the commit, in a transaction of its own:
 * PostgreSQL lets only one transaction with a notification commit at a time, its wait for the disk included
 * (docs/decisions/0061). A notification that is lost by that, with the process that should have sent it, is made up for
 * by looking every second whether any transaction has ended.
 */
export type Wake = {
  /** Something was committed by this process. */
  announce(): void;
  watch(onCommit: () => void): () => void;
  close(): void;
};

/** A burst of commits is one notification, and a burst of notifications one call. */
const minPauseMs = 10;
const firstRetryMs = 100;
const lastRetryMs = 5_000;

/** @param connect is called when it is first needed. */
export function createWake(connect: () => Promise<Connections>, schema: string): Wake {
  const channel = `${schema} commits`;
  const watchers = new Set<() => void>();
  const closed = new AbortController();
  let listener: CommitListener | undefined;
  let isWatching = false;

  const wakeAll = paced(() => {
    for (const onCommit of watchers) onCommit();
  });
  const notify = paced(() => {
    // Whoever misses it looks within a second.
    void send().catch(() => undefined);
  });

  async function send(): Promise<void> {
    if (listener !== undefined) return listener.notify();
    const client = await (await connect()).pool.connect();
    await client.query(`notify ${quoteIdentifier(channel)}`, []).finally(() => client.release());
  }

  async function listen(): Promise<void> {
    let retryMs = firstRetryMs;
    while (!closed.signal.aborted) {
      try {
        const client = await (await connect()).connectAlone();
        listener = createCommitListener(client, channel);
        retryMs = firstRetryMs;
        await listener.listen(wakeAll, closed.signal);
      } catch {
        // Whoever queries meets the same error, and says it.
      }
      listener = undefined;
      await sleep(retryMs, undefined, { ref: false, signal: closed.signal }).catch(() => undefined);
      retryMs = Math.min(lastRetryMs, 2 * retryMs);
    }
  }

  return {
    announce: notify,
    watch(onCommit) {
      watchers.add(onCommit);
      if (isWatching) wakeAll();
      else void listen();
      isWatching = true;
      return () => watchers.delete(onCommit);
    },
    close: () => closed.abort(),
  };
}

/** Calls `act` at once, and further calls of the next `minPauseMs` as one. */
function paced(act: () => void): () => void {
  let last = -minPauseMs;
  let timer: NodeJS.Timeout | undefined;
  const run = () => {
    timer = undefined;
    last = performance.now();
    act();
  };
  return () => {
    if (timer !== undefined) return;
    const pauseMs = last + minPauseMs - performance.now();
    if (pauseMs <= 0) run();
    else timer = setTimeout(run, pauseMs).unref();
  };
}
