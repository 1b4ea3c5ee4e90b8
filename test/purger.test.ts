import { setTimeout as sleep } from "node:timers/promises";
import { createLogger } from "@cita/process";
import t from "tap";
import { createPurger, type Purge } from "../apps/mcp-calendar/src/retention/purger.ts";

function purgerOf(purges: Purge[], timing = { firstWithinMs: 1, intervalMs: 10 }) {
  const log: string[] = [];
  const logger = createLogger("info", { write: (line) => log.push(line) });
  return { log, purger: createPurger({ purges, logger, ...timing, now: () => 1_000 }) };
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await sleep(2);
}

t.test(
  "each purge runs until nothing more is due, round after round, whatever happens to another",
  async (t) => {
    const asked: number[] = [];
    const due = [500, 500, 7, 0, 0, 3, 0];
    const { purger, log } = purgerOf([
      {
        name: "broken",
        run: async () => {
          throw new Error("the disk is full");
        },
      },
      {
        name: "sound",
        async run(now) {
          asked.push(now);
          return due.shift() ?? 0;
        },
      },
    ]);
    purger.start();
    await until(() => due.length === 0);
    await purger.stop();
    t.equal(asked[0], 1_000);
    const lines = log.map((line) => JSON.parse(line));
    t.strictSame(
      lines.filter(({ purge }) => purge === "sound").map(({ removed }) => removed),
      [1_007, 3],
      "one line for each round that removed something",
    );
    t.ok(lines.filter(({ purge, level, err }) => purge === "broken" && level === 50 && err).length >= 3);
  },
);

t.test("a round is bounded, and leaves the event loop to others", async (t) => {
  let batches = 0;
  const { purger } = purgerOf([{ name: "endless", run: async () => ++batches }], {
    firstWithinMs: 1,
    intervalMs: 1e6,
  });
  const begun = performance.now();
  purger.start();
  await until(() => batches === 200);
  await sleep(100);
  t.equal(batches, 200);
  t.ok(performance.now() - begun > 199 * 15, "with a pause after each");
  await purger.stop();
});

t.test("stopping waits for the statement under way, and no other follows", async (t) => {
  const { promise: answered, resolve: answer } = Promise.withResolvers<number>();
  let runs = 0;
  const { purger } = purgerOf([
    {
      name: "slow",
      run: () => {
        runs++;
        return answered;
      },
    },
  ]);
  purger.start();
  await until(() => runs === 1);
  let isStopped = false;
  const stopped = purger.stop().then(() => {
    isStopped = true;
  });
  await sleep(30);
  t.notOk(isStopped);
  answer(500);
  await stopped;
  await sleep(50);
  t.equal(runs, 1);
});

t.test("one that was never begun, or is stopped before its first round, does nothing", async (t) => {
  let runs = 0;
  const purge = { name: "any", run: async () => ++runs };
  const { purger } = purgerOf([purge], { firstWithinMs: 10, intervalMs: 10 });
  await purger.stop();
  const other = purgerOf([purge], { firstWithinMs: 1e6, intervalMs: 10 }).purger;
  other.start();
  await other.stop();
  await sleep(30);
  t.equal(runs, 0);
});
