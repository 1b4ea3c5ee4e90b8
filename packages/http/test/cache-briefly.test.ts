import { setTimeout as sleep } from "node:timers/promises";
import t from "tap";
import { cacheBriefly } from "../src/index.ts";

t.test("all who ask meanwhile and for a moment after get one answer", async (t) => {
  let reads = 0;
  const read = async () => {
    const number = ++reads;
    await sleep(20);
    return number;
  };
  const ask = cacheBriefly(read, { successMs: 200, failureMs: 0 });
  t.strictSame(await Promise.all([ask(), ask(), ask()]), [1, 1, 1]);
  t.equal(await ask(), 1);
  await sleep(230);
  t.strictSame(await Promise.all([ask(), ask()]), [2, 2]);
});

t.test("a failure is everybody's too, for its own time", async (t) => {
  let reads = 0;
  const read = async () => {
    if (++reads === 1) throw new Error("not there");
    return reads;
  };
  const ask = cacheBriefly(read, { successMs: 60_000, failureMs: 50 });
  await Promise.all([ask(), ask()].map((answer) => t.rejects(answer, { message: "not there" })));
  await t.rejects(ask(), { message: "not there" });
  await sleep(80);
  t.equal(await ask(), 2);
  t.equal(await ask(), 2);
});

t.test("without a time only those who ask at once share an answer", async (t) => {
  let reads = 0;
  const ask = cacheBriefly(async () => ++reads, { successMs: 0, failureMs: 0 });
  t.strictSame(await Promise.all([ask(), ask()]), [1, 1]);
  t.equal(await ask(), 2);
});

t.test("a clock that is set back keeps no answer for longer", async (t) => {
  let reads = 0;
  const ask = cacheBriefly(async () => ++reads, { successMs: 20, failureMs: 0 });
  await ask();
  const { now } = Date;
  Date.now = () => now() - 3_600_000;
  t.teardown(() => {
    Date.now = now;
  });
  await sleep(40);
  t.equal(await ask(), 2);
});
