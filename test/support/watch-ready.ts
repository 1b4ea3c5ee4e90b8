import { setTimeout as sleep } from "node:timers/promises";
import type { Test } from "tap";

/** What a service says of itself. */
export type WatchedReadiness = {
  /** Resolves when the service says so, with the message of its answer. Rejects when it doesn't for too long. */
  says(status: 200 | 503): Promise<string | undefined>;
  /** The longest time that `/ready` or `/health` took. */
  slowestMs(): number;
  /** How often `/health` didn't say that the process is up. */
  unhealthy(): number;
};

const pauseMs = 100;

/** Asks a service again and again, as an orchestrator does. */
export function watchReady(t: Pick<Test, "teardown">, url: string, withinMs: number): WatchedReadiness {
  let [last, slowest, unhealthy] = [{ status: 0, text: "" }, 0, 0];
  let isStopped = false;

  async function ask(path: string) {
    const begun = performance.now();
    const response = await fetch(`${url}${path}`).catch(() => undefined);
    const answer = { status: response?.status ?? 0, text: (await response?.text()) ?? "" };
    slowest = Math.max(slowest, performance.now() - begun);
    return answer;
  }

  const watching = (async () => {
    while (!isStopped) {
      last = await ask("/ready");
      if ((await ask("/health")).status !== 200) unhealthy += 1;
      await sleep(pauseMs);
    }
  })();
  t.teardown(() => {
    isStopped = true;
    return watching;
  });

  return {
    async says(status) {
      for (const begun = performance.now(); last.status !== status; await sleep(pauseMs)) {
        if (performance.now() - begun > withinMs)
          throw new Error(`${url}/ready doesn't say ${status}: ${last.status} ${last.text}`);
      }
      return JSON.parse(last.text).message;
    },
    slowestMs: () => Math.round(slowest),
    unhealthy: () => unhealthy,
  };
}
