import { setTimeout as sleep } from "node:timers/promises";
import t from "tap";
import { createBackgroundLoop } from "../src/index.ts";

t.test("a loop waits as long as each round says, and first as long as it was told", async (t) => {
  const started = performance.now();
  const at: number[] = [];
  const loop = createBackgroundLoop(async () => {
    at.push(performance.now() - started);
    return at.length === 1 ? 0 : 80;
  }, 100);
  loop.start();
  await sleep(350);
  await loop.stop();
  const [first = 0, second = 0, third = 0] = at;
  t.ok(first >= 99, `the first after its time: ${first}`);
  t.ok(second - first < third - second, `the second at once: ${second - first}`);
  t.ok(third - second >= 79, `the third after its pause: ${third - second}`);
});

t.test("stopping ends a pause at once, waits for the round under way, and begins no other", async (t) => {
  let rounds = 0;
  let isUnderWay = false;
  const loop = createBackgroundLoop(async (stopping) => {
    rounds++;
    isUnderWay = true;
    await sleep(50);
    t.equal(stopping.aborted, true);
    isUnderWay = false;
    return 60_000;
  });
  loop.start();
  await loop.stop();
  t.equal(isUnderWay, false);
  t.equal(rounds, 1);

  const paused = createBackgroundLoop(async () => 0, 60_000);
  paused.start();
  const before = performance.now();
  await paused.stop();
  t.ok(performance.now() - before < 1_000, "a pause of a minute doesn't hold the stop");
});

t.test("a loop that never started can be stopped", async (t) => {
  await t.resolves(createBackgroundLoop(async () => 0).stop());
});
