import { setTimeout as sleep } from "node:timers/promises";
import type { Database } from "@cita/database";
import { createLogger } from "@cita/process";
import t, { type Test } from "tap";
import { forEachDatabase, type TestDatabase } from "../../../test/support/test-database.ts";
import { createJobWorker, type Job, type JobQueue, openJobs, type Perform } from "../src/jobs/index.ts";

type Opened = { db: Database; jobs: JobQueue; clock: { now: number }; database: TestDatabase };

const leaseMs = 30_000;
const begin = Date.parse("2027-01-18T14:00:00Z");
const taking = { limit: 100, perLane: 100, except: [], after: "", leaseMs };

const add = ({ db, jobs }: Opened, ...names: string[]) =>
  db.transaction().execute((trx) =>
    jobs.add(
      trx,
      names.map((key) => ({ key, lane: key.replace(/\d+$/, "") })),
    ),
  );

const keysOf = (jobs: readonly Job[]) => jobs.map(({ key }) => key).sort();

async function open(database: TestDatabase): Promise<Opened> {
  const clock = { now: begin };
  const db = database.open();
  return { db, clock, database, jobs: await openJobs({ db, queue: "tests", now: () => clock.now }) };
}

const contract: Record<string, (t: Test, opened: Opened) => Promise<void>> = {
  async "a job is there with its cause, or not at all, and once"(t, opened) {
    const { db, jobs } = opened;
    const failing = db.transaction().execute(async (trx) => {
      await jobs.add(trx, [{ key: "a1", lane: "a" }]);
      throw new Error("undone");
    });
    await t.rejects(failing, { message: "undone" });
    t.equal(await jobs.nextDue(), undefined);
    await add(opened, "a1", "a2");
    await add(opened, "a1");
    t.strictSame(keysOf(await jobs.take(taking)), ["a1", "a2"]);
    t.strictSame(await jobs.take(taking), [], "taken once");
    await add(opened, "a1");
    t.strictSame(await jobs.take(taking), [], "not while it is being done");
  },

  async "what is neither finished nor retried is due again when its lease ends"(t, opened) {
    const { db, jobs, clock } = opened;
    await add(opened, "a1");
    const [first] = await jobs.take(taking);
    if (first === undefined) throw new Error("nothing was taken");
    clock.now += leaseMs - 1;
    t.strictSame(await jobs.take(taking), []);
    t.equal(await jobs.oldestDueMs(), 0);
    clock.now += 1_001;
    t.equal(await jobs.oldestDueMs(), 1_000);
    const [second] = await jobs.take(taking);
    if (second === undefined) throw new Error("nothing was taken again");
    t.match(second, { key: "a1", attempts: 2 });
    t.strictSame(await jobs.finish(db, [first]), [], "somebody else does it by now");
    t.strictSame(await jobs.retry(db, [{ ...first, afterMs: 0 }]), []);
    t.strictSame(await jobs.finish(db, [second]), [second.id]);
    t.strictSame(await jobs.finish(db, [second]), []);
    t.equal(await jobs.nextDue(), undefined);
  },

  async "of many that end together those that are still ours are finished or retried"(t, opened) {
    const { db, jobs, clock } = opened;
    await add(opened, "a1", "a2", "a3", "a4");
    const before = await jobs.take(taking);
    clock.now += leaseMs;
    const taken = await jobs.take({ ...taking, limit: 2 });
    const ids = taken.map(({ id }) => id).sort();
    const left = before.filter(({ id }) => !ids.includes(id));
    t.strictSame((await jobs.finish(db, [...before.slice(0, 1), ...taken])).sort(), ids);
    const failed = left.map((job, i) => ({ ...job, afterMs: 1_000 * (i + 1) }));
    t.strictSame(
      (await jobs.retry(db, [...failed, ...taken.map((job) => ({ ...job, afterMs: 0 }))])).sort(),
      [...left.map(({ id }) => id).sort()],
    );
    clock.now += 1_000;
    t.strictSame(keysOf(await jobs.take(taking)), [left[0]?.key], "each after its own pause");
    t.strictSame(await jobs.finish(db, []), []);
    t.strictSame(await jobs.retry(db, []), []);
  },

  async "a lease that is over, and that nobody has taken, still finishes its job"(t, opened) {
    const { db, jobs, clock } = opened;
    await add(opened, "a1");
    const [job] = await jobs.take(taking);
    clock.now += 2 * leaseMs;
    t.strictSame(job && (await jobs.finish(db, [job])), [job?.id]);
  },

  async "a job that is retried is due after its pause, or when it is added again"(t, opened) {
    const { db, jobs, clock } = opened;
    await add(opened, "a1");
    const [job] = await jobs.take(taking);
    t.strictSame(job && (await jobs.retry(db, [{ ...job, afterMs: 5_000 }])), [job?.id]);
    t.equal(await jobs.nextDue(), begin + 5_000);
    clock.now += 4_999;
    t.strictSame(await jobs.take(taking), []);
    clock.now += 1;
    const [again] = await jobs.take(taking);
    t.strictSame(again && (await jobs.retry(db, [{ ...again, afterMs: 5_000 }])), [again?.id]);
    await add(opened, "a1");
    t.match(await jobs.take(taking), [{ key: "a1", attempts: 3 }]);
  },

  async "lanes have their turns, however much waits in one"(t, opened) {
    const { jobs, clock } = opened;
    await add(opened, ...Array.from({ length: 50 }, (_, i) => `a${i}`));
    clock.now += 1;
    await add(opened, "b1", "b2", "c1");
    clock.now += 1;
    t.strictSame((await jobs.take({ ...taking, perLane: 1 })).map(({ lane }) => lane).sort(), [
      ...["a", "b", "c"],
    ]);
    t.strictSame(keysOf(await jobs.take({ ...taking, perLane: 2, except: ["a"] })), ["b2"]);
    await add(opened, "c2");
    const next = await jobs.take({ ...taking, perLane: 2, limit: 2, after: "a" });
    t.strictSame(keysOf(next), ["c2"]);
    t.equal((await jobs.take({ ...taking, limit: 7 })).length, 7);
  },

  async "the job that has waited longest comes first"(t, opened) {
    const { jobs, clock } = opened;
    for (const name of ["a9", "a1", "a5"]) {
      await add(opened, name);
      clock.now += 1;
    }
    const order: string[] = [];
    for (let i = 0; i < 3; i++)
      order.push(...(await jobs.take({ ...taking, perLane: 1 })).map(({ key }) => key));
    t.strictSame(order, ["a9", "a1", "a5"]);
  },

  async "a clock that is set back holds nothing up"(t, opened) {
    const { db, jobs, clock } = opened;
    await add(opened, "a1", "b1");
    const [job] = await jobs.take({ ...taking, limit: 1 });
    t.strictSame(job && (await jobs.retry(db, [{ ...job, afterMs: 5_000 }])), [job?.id]);
    t.equal(await jobs.mendDueTimes(), 0);
    clock.now -= 50_000;
    t.equal(await jobs.mendDueTimes(), 0, "as clocks of several machines differ");
    clock.now -= 86_400_000;
    t.equal(await jobs.mendDueTimes(), 2);
    t.strictSame(keysOf(await jobs.take(taking)), ["b1"]);
    clock.now += 5_000;
    t.strictSame(keysOf(await jobs.take(taking)), ["a1"]);
  },

  async "processes that take at once share the jobs"(t, opened) {
    const others = await Promise.all(
      Array.from({ length: 4 }, () =>
        openJobs({ db: opened.database.open(), queue: "tests", now: () => opened.clock.now }),
      ),
    );
    const names = Array.from({ length: 200 }, (_, i) => `${"abcdefgh"[i % 8]}${i}`);
    await add(opened, ...names);
    const taken: string[] = [];
    await Promise.all(
      others.map(async (jobs) => {
        for (let idle = 0; idle < 3; ) {
          const found = await jobs.take({ ...taking, limit: 7, perLane: 2 });
          taken.push(...found.map(({ key }) => key));
          if (found.length === 0) idle += 1;
          await sleep(1);
        }
      }),
    );
    t.strictSame(taken.sort(), names.sort());
  },

  async "queues have nothing to do with one another"(t, opened) {
    const other = await openJobs({ db: opened.db, queue: "others", now: () => begin });
    await add(opened, "a1");
    await other.add(opened.db, [{ key: "a1", lane: "a" }]);
    t.equal((await other.take(taking)).length, 1);
    t.equal((await opened.jobs.take(taking)).length, 1);
  },
};

for (const [name, test] of Object.entries(contract))
  forEachDatabase(t, name, async (t, database) => test(t, await open(database)));

/** @param perform finishes nothing by itself */
function startWorker(t: Test, { db, jobs }: Opened, perform: Perform) {
  const worker = createJobWorker({
    ...{ db, jobs, perform, logger: createLogger("silent"), now: Date.now },
    ...{ leaseMs, maxAtOnce: 16, maxPerLane: 4, graceMs: 50 },
  });
  worker.start();
  t.teardown(() => worker.stop());
  return worker;
}

forEachDatabase(t, "a lane that hangs keeps no other waiting, and is soon abandoned", async (t, database) => {
  const db = database.open();
  const opened = { ...(await open(database)), db, jobs: await openJobs({ db, queue: "tests" }) };
  // Nothing of a worker keeps its process alive.
  const alive = setInterval(() => undefined, 1_000);
  t.teardown(() => clearInterval(alive));
  const done = new Map<string, number>();
  const isDone = Promise.withResolvers<void>();
  let hanging = 0;
  let abandoned = 0;
  const worker = startWorker(t, opened, async (job, signal) => {
    if (job.lane === "hangs") {
      hanging += 1;
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
      abandoned += 1;
      return;
    }
    t.strictSame(await opened.jobs.finish(db, [job]), [job.id]);
    done.set(job.key, performance.now());
    if (done.size === 40) isDone.resolve();
  });
  await add(opened, ...Array.from({ length: 30 }, (_, i) => `hangs${i}`));
  await sleep(200);
  t.equal(hanging, 4, "so many at once");
  const addedAt = performance.now();
  await add(opened, ...Array.from({ length: 40 }, (_, i) => `well${i}`));
  await isDone.promise;
  const slowest = Math.max(...done.values()) - addedAt;
  t.ok(slowest < 2_000, `${Math.round(slowest)} ms`);
  t.equal(hanging, 4);
  await worker.stop();
  t.equal(abandoned, 4);
});
