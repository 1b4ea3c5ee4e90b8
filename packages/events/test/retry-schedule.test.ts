import t from "tap";
import { retryDelayMs, retryDelaysMs } from "../src/jobs/retry-schedule.ts";

const secondMs = 1_000;
const hourMs = 3_600_000;

t.test("failures are repeated by the schedule, and then not any more", async (t) => {
  const delays = Array.from({ length: 9 }, (_, i) => retryDelayMs({ failures: i + 1, random: 0 }));
  t.strictSame(
    delays.map((ms) => ms && ms / secondMs),
    [5, 300, 1_800, 7_200, 18_000, 36_000, 36_000, undefined, undefined],
  );
  t.equal(
    retryDelaysMs.reduce((sum, ms) => sum + ms, 0),
    27 * hourMs + 35 * 60 * secondMs + 5 * secondMs,
  );
});

t.test("what failed together is repeated apart, and never early", async (t) => {
  for (const random of [0, 0.25, 0.5, 0.999]) {
    const ms = retryDelayMs({ failures: 1, random }) ?? 0;
    t.ok(ms >= 5_000 && ms < 6_000, `${ms}`);
  }
});

t.test("a receiver that asks for more time gets it, within a day", async (t) => {
  const ask = (askedMs: number, failures = 1) => retryDelayMs({ failures, askedMs, random: 0 });
  t.equal(ask(60 * secondMs), 60 * secondMs);
  t.equal(ask(1), 5_000, "not less than the schedule");
  t.equal(ask(1_000 * hourMs), 24 * hourMs);
  t.equal(ask(60 * secondMs, 8), undefined, "no attempt more");
});

t.test("a scale shortens the schedule, and not what was asked for", async (t) => {
  t.equal(retryDelayMs({ failures: 2, scale: 0.001, random: 0 }), 300);
  t.equal(retryDelayMs({ failures: 2, scale: 0.001, askedMs: 2_000, random: 0 }), 2_000);
});
