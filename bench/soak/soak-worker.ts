import { setTimeout as sleep } from "node:timers/promises";
import { createRandom } from "../../test/support/fuzzing/random.ts";
import { actions, type Context, type SoakJob, type SoakResult } from "./soak-actions.ts";

const virtualUsers = 16;

/** Virtual users, each of which does one thing after another, while Google fails from time to time. */
async function soak(job: SoakJob): Promise<SoakResult> {
  const result: SoakResult = { calls: 0, booked: 0, failures: [] };
  const until = Date.now() + job.seconds * 1_000;
  const bookings: Context["bookings"] = [];
  const act = async (index: number) => {
    const random = createRandom(job.seed, index);
    while (Date.now() < until) await random.pick(actions)({ job, random, bookings, result });
  };
  await Promise.all([
    ...Array.from({ length: virtualUsers }, (_, index) => act(index)),
    injectFaults(job, until),
  ]);
  return result;
}

const faults: readonly object[] = [
  { path: "/calendar/v3/", status: 503, times: 5 },
  { path: "/calendar/v3/", status: 401, times: 3 },
  { path: "/calendar/v3/", status: 429, times: 2, headers: { "retry-after": "1" } },
  { path: "/calendar/v3/", drop: true, times: 4 },
  { path: "/calendar/v3/", drop: "answer", times: 2 },
  { path: "/calendar/v3/", latency_ms: 300, times: 20 },
  { path: "/token", status: 500, times: 2 },
  { path: "/token", drop: true, times: 1 },
];

const faultyMs = 1_000;
const calmMs = 4_000;

async function injectFaults({ sandboxUrl, seed }: SoakJob, until: number): Promise<void> {
  const random = createRandom(seed, -1);
  const control = async (path: string, method: string, body?: object) => {
    const headers = { "content-type": "application/json" };
    const response = await fetch(`${sandboxUrl}/_sandbox/${path}`, {
      method,
      ...(body && { headers, body: JSON.stringify(body) }),
    });
    await response.text();
  };
  while (Date.now() < until) {
    await control("faults", "POST", random.pick(faults));
    await sleep(faultyMs);
    await control("faults", "DELETE");
    await control("expire-access-tokens", "POST");
    await sleep(calmMs);
  }
}

process.on("message", (job: SoakJob) => {
  soak(job).then(
    (result) => process.send?.(result),
    (error: unknown) =>
      process.send?.({
        calls: 0,
        booked: 0,
        failures: [error instanceof Error ? error.stack : String(error)],
      }),
  );
});
process.on("disconnect", () => process.exit());
