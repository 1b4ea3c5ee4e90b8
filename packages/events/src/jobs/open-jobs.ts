import { randomUUID } from "node:crypto";
import { type Database, engineName, migrate, rowList, rowLock, slices, valueList } from "@cita/database";
import { type Kysely, type RawBuilder, sql } from "kysely";
import type { FailedJob, Job, JobQueue, NewJob, TakeJobs } from "./jobs.ts";
import { type JobTables, jobMigrations } from "./migrations.ts";

type Deps = {
  readonly db: Database;
  readonly queue: string;
  /** Epoch milliseconds. */
  readonly now?: (() => number) | undefined;
};

type Db = Kysely<JobTables>;

/** Clocks of several machines differ by less. */
const clockToleranceMs = 60_000;

const tablesOf = (db: Database): Db => db.withTables<JobTables>();

/** Migrates the table and opens one queue of it. @throws DatabaseError */
export async function openJobs({ db: database, queue, now = Date.now }: Deps): Promise<JobQueue> {
  await migrate(database, jobMigrations);
  const db = tablesOf(database);
  return {
    add: (trx, jobs) => addJobs(tablesOf(trx), queue, jobs, now()),

    take: (asked) => takeJobs(database, queue, asked, now()),

    finish: (trx, jobs) => finishJobs(tablesOf(trx), jobs),

    retry: (trx, jobs) => retryJobs(tablesOf(trx), jobs, now()),

    nextDue: () => findNextDue(db, queue),

    async oldestDueMs() {
      const due = await findNextDue(db, queue);
      return due === undefined ? 0 : Math.max(0, now() - due);
    },

    async mendDueTimes() {
      const at = now();
      const { numUpdatedRows } = await db
        .updateTable("jobs")
        .set(({ eb, ref }) => ({
          due_at: eb(eb.val(at), "+", eb(ref("due_at"), "-", ref("decided_at"))),
          decided_at: at,
        }))
        .where("queue", "=", queue)
        .where("decided_at", ">", at + clockToleranceMs)
        .executeTakeFirstOrThrow();
      return Number(numUpdatedRows);
    },
  };
}

async function addJobs(db: Db, queue: string, jobs: readonly NewJob[], at: number): Promise<void> {
  const row = { queue, due_at: at, decided_at: at, attempts: 0, lease: null };
  for (const some of slices(jobs))
    await db
      .insertInto("jobs")
      .values(some.map((job) => ({ ...job, ...row })))
      .onConflict((conflict) =>
        conflict
          .columns(["queue", "key"])
          .doUpdateSet({ due_at: at, decided_at: at })
          .where("jobs.lease", "is", null),
      )
      .execute();
}

const leaseColumns = { id: "integer", lease: "text" } as const;

async function finishJobs(db: Db, jobs: readonly Job[]): Promise<number[]> {
  if (jobs.length === 0) return [];
  const leases = jobs.map(({ id, lease }) => ({ id, lease }));
  const done = sql`(select id, lease from ${rowList(db, leaseColumns, leases)} as done)`;
  const rows = await db
    .deleteFrom("jobs")
    .where(sql<boolean>`(id, lease) in ${done}`)
    .returning("id")
    .execute();
  return rows.map(({ id }) => id);
}

async function retryJobs(db: Db, jobs: readonly FailedJob[], at: number): Promise<number[]> {
  if (jobs.length === 0) return [];
  const columns = { ...leaseColumns, due_at: "integer" } as const;
  const failed = jobs.map(({ id, lease, afterMs }) => ({ id, lease, due_at: at + afterMs }));
  const rows = await db
    .updateTable("jobs")
    .from(rowList(db, columns, failed).as("failed"))
    .set(({ ref }) => ({ lease: null, due_at: ref("failed.due_at"), decided_at: at }))
    .whereRef("jobs.id", "=", "failed.id")
    .whereRef("jobs.lease", "=", "failed.lease")
    .returning("jobs.id")
    .execute();
  return rows.map(({ id }) => id);
}

async function findNextDue(db: Db, queue: string): Promise<number | undefined> {
  const { due } = await db
    .selectFrom("jobs")
    .select(({ fn }) => fn.min<number | null>("due_at").as("due"))
    .where("queue", "=", queue)
    .executeTakeFirstOrThrow();
  return due ?? undefined;
}

/**
 * Goes from lane to lane in the index and takes the first jobs of each, so that its cost doesn't grow with the jobs that
 * wait in a lane. A job that was taken is due again when its lease ends.
 */
async function takeJobs(
  database: Database,
  queue: string,
  { limit, perLane, except, after, leaseMs }: TakeJobs,
  at: number,
): Promise<Job[]> {
  const lease = randomUUID();
  const firstOfLane = sql`select id from jobs
    where queue = ${queue} and lane = lanes.lane and due_at <= ${at}
    order by due_at, id limit ${perLane}`;
  const { rows } = await sql<Omit<Job, "lease">>`with recursive lanes(lane) as (
      select (select min(lane) from jobs where queue = ${queue} and lane > ${after})
      union all
      select (select min(lane) from jobs where queue = ${queue} and lane > lanes.lane) from lanes
        where lanes.lane is not null
    ), due as (
      select job.id from lanes ${joinJobs(database, firstOfLane)}
      where lanes.lane is not null and lanes.lane not in ${valueList(database, "text", except)}
      limit ${limit}
    )
    update jobs set lease = ${lease}, due_at = ${at + leaseMs}, decided_at = ${at}, attempts = attempts + 1
    where id in (select id from due)
    returning id, key, lane, attempts`.execute(database);
  return rows.map((row) => ({ ...row, lease }));
}

/** To each lane its first jobs. SQLite has no lateral join, and PostgreSQL would read all jobs for a list like SQLite's. */
function joinJobs(db: Database, firstOfLane: RawBuilder<unknown>): RawBuilder<unknown> {
  return engineName(db) === "sqlite"
    ? sql`join jobs as job on job.id in (${firstOfLane})`
    : sql`cross join lateral (${firstOfLane} ${rowLock(db, "for update skip locked")}) as job`;
}
