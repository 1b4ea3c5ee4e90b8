import { fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "kysely";
import t from "tap";
import { forEachDatabase } from "../../../test/support/test-database.ts";
import { watchCommits } from "../src/index.ts";

const writes = 100;

forEachDatabase(t, "whoever watches is called after a commit of another process", async (t, database) => {
  const db = database.open();
  await sql`create table things (at double precision)`.execute(db);
  const script = new URL("./fixtures/slowly-writing-process.ts", import.meta.url).pathname;
  const seen = new Map<number, number>();
  let calls = 0;
  const stop = watchCommits(db, async () => {
    calls += 1;
    const calledAt = Date.now();
    const { rows } = await sql<{ at: number }>`select at from things`.execute(db);
    for (const { at } of rows) if (!seen.has(at)) seen.set(at, calledAt - at);
  });
  t.teardown(stop);
  for (let i = 0; calls === 0 && i < 200; i++) await sleep(10);
  // In PostgreSQL other databases of the server may call it too.
  t.ok(calls >= 1, "called at the beginning");

  const child = fork(script, [database.url, `${writes}`]);
  t.teardown(() => child.kill("SIGKILL"));
  await once(child, "exit");
  for (let i = 0; seen.size < writes && i < 200; i++) await sleep(10);
  const latencies = [...seen.values()].toSorted((a, b) => a - b);
  t.equal(latencies.length, writes, "every commit is noticed");
  const [p50, p95] = [latencies[writes / 2] ?? 0, latencies[writes * 0.95] ?? 0];
  t.comment(`${database.engine}: p50 ${p50.toFixed(1)} ms, p95 ${p95.toFixed(1)} ms`);
  t.ok(p95 < 1_000, `p95 ${p95} ms`);

  stop();
  await sleep(100);
  const before = calls;
  await sql`insert into things values (0)`.execute(db);
  await sleep(200);
  t.equal(calls, before, "and not after it has stopped watching");
});

forEachDatabase(t, "its own commits call it too, and many at once call it seldom", async (t, database) => {
  const db = database.open();
  await sql`create table things (at double precision)`.execute(db);
  let calls = 0;
  const stop = watchCommits(db, () => {
    calls += 1;
  });
  t.teardown(stop);
  for (let i = 0; calls === 0 && i < 200; i++) await sleep(10);
  const before = calls;
  await Promise.all(Array.from({ length: 300 }, () => sql`insert into things values (1)`.execute(db)));
  for (let i = 0; calls === before && i < 200; i++) await sleep(10);
  t.ok(calls > before);
  t.ok(calls - before < 100, `${calls - before} calls for 300 commits`);
});
