import { setTimeout as sleep } from "node:timers/promises";

type CallReport = { by: Record<string, number> };

/**
 * Waits until Google has been called, so that a test can act in the middle of a call that a fault
 * makes slow. Count from zero first (`DELETE /_sandbox/calls`).
 * @param call as the sandbox counts it: `POST /token`.
 */
export async function untilCalled(report: () => Promise<CallReport>, call: string, times = 1): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (((await report()).by[call] ?? 0) < times) {
    if (Date.now() > deadline) throw new Error(`${call} was not called ${times} time(s)`);
    await sleep(5);
  }
}
