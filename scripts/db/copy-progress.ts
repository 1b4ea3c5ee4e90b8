import { randomUUID } from "node:crypto";
import { type Database, exclusively, unfinishedCopy } from "@cita/database";
import { sql } from "kysely";
import type { Service } from "./service-databases.ts";
import type { CopiedTable, Key } from "./tables.ts";

/** Up to where a table's rows are in the target. */
export type TableProgress = { readonly after: Key | null; readonly rows: number };

/** By table. */
export type Progress = Readonly<Record<string, TableProgress>>;

/**
 * A copy that isn't complete. Its progress is a row in the target, which each batch changes in its own transaction. While
 * that row's table exists no service starts over the target.
 */
export type UnfinishedCopy = {
  readonly progress: Progress;
  /** The source has changed since an earlier run, whose rows were therefore removed. */
  readonly isAnew: boolean;
  /** Has to be called in the transaction of what is reported. @throws Error where another run has taken over. */
  save(trx: Database, progress: Progress): Promise<void>;
  /** Removes the progress: the target is the service's from the commit on. */
  finish(trx: Database): Promise<void>;
};

const progressTable = sql.table(unfinishedCopy);

/** The target has rows, and no copy into it is under way. */
export class TargetTakenError extends Error {
  override readonly name = "TargetTakenError";
}

/**
 * Begins a copy, or goes on with the one in the target.
 * @param source identifies the content of the source.
 * @throws TargetTakenError
 */
export async function claimTarget(
  target: Database,
  { service, tables, source }: { service: Service; tables: readonly CopiedTable[]; source: string },
): Promise<UnfinishedCopy> {
  const run = randomUUID();
  const found = await exclusively(target, unfinishedCopy, async (trx) => {
    await sql`create table if not exists ${progressTable} (source text, run text, progress text)`.execute(
      trx,
    );
    const { rows } = await sql<Stored>`select source, progress from ${progressTable} for update`.execute(trx);
    const [stored] = rows;
    if (stored === undefined) await refuseOtherRows(trx, service);
    if (stored?.source === source) {
      await sql`update ${progressTable} set run = ${run}`.execute(trx);
      return { progress: JSON.parse(stored.progress) as Progress, isAnew: false };
    }
    const names = sql.join(tables.map(({ name }) => sql.table(name)));
    await sql`truncate ${names}`.execute(trx);
    await sql`delete from ${progressTable}`.execute(trx);
    await sql`insert into ${progressTable} values (${source}, ${run}, '{}')`.execute(trx);
    return { progress: {}, isAnew: stored !== undefined };
  });

  async function refuseOtherRun(change: Promise<{ numAffectedRows?: bigint }>): Promise<void> {
    if ((await change).numAffectedRows === 1n) return;
    throw new Error("Another copy into this database was started, and goes on in the place of this one.");
  }

  return {
    ...found,
    save: (trx, progress) =>
      refuseOtherRun(
        sql`update ${progressTable} set progress = ${JSON.stringify(progress)} where run = ${run}`.execute(
          trx,
        ),
      ),
    async finish(trx) {
      await refuseOtherRun(sql`delete from ${progressTable} where run = ${run}`.execute(trx));
      await sql`drop table ${progressTable}`.execute(trx);
    },
  };
}

type Stored = { source: string; progress: string };

async function refuseOtherRows(trx: Database, { owners }: Service): Promise<void> {
  const filled: string[] = [];
  for (const { tables, seeded = [] } of owners) {
    for (const name of Object.keys(tables).filter((table) => !seeded.includes(table))) {
      const { rows } = await sql`select 1 from ${sql.table(name)} limit 1`.execute(trx);
      if (rows.length > 0) filled.push(name);
    }
  }
  if (filled.length === 0) return;
  throw new TargetTakenError(
    `The target already has rows that aren't this copy's, in ${filled.join(", ")}. Nothing was copied. Name another schema (?schema=…), or drop this one if nothing in it is needed.`,
  );
}
