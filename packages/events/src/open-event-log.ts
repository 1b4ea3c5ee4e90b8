import { type Database, engineName, exclusively, migrate, rowList, watchCommits } from "@cita/database";
import { currentActor, currentRequestId, type Logger } from "@cita/process";
import { type Expression, type Kysely, type SqlBool, sql } from "kysely";
import { EventCursorError, readCursor, writeCursor } from "./cursor.ts";
import { holdIds, readLastId, readSettledId } from "./event-ids.ts";
import type { EventFilter, EventLog, EventPage } from "./event-log.ts";
import { createRowReader, type EventRow, eventColumns } from "./event-rows.ts";
import { activityKinds, integrationKinds, type NewEvent, peopleKinds, type StoredEvent } from "./kinds.ts";
import { type EventTables, eventMigrations } from "./migrations.ts";

type Deps = {
  db: Database;
  logger: Logger;
  /**
   * A condition on the customer in the statement that appends, so that what was under way when the customer was removed
   * leaves no event behind. Default: none.
   */
  isKnown?: IsKnown;
  now?: () => number;
};

type IsKnown = (customerId: Expression<string>) => Expression<SqlBool>;
type Db = Kysely<EventTables>;

const loggedKinds = [...activityKinds, ...peopleKinds, ...integrationKinds];

const always: IsKnown = () => sql<boolean>`true`;

/** Migrates the log's tables and opens the log over them. @throws DatabaseError */
export async function openEventLog({
  db: database,
  logger,
  isKnown,
  now = Date.now,
}: Deps): Promise<EventLog> {
  await migrate(database, eventMigrations);
  const db = database.withTables<EventTables>();
  const { id: logId } = await db.selectFrom("event_log").select("id").executeTakeFirstOrThrow();
  const { subscribe, wake } = createWake(database);
  const readRows = createRowReader(logger);

  return {
    async transaction(act, key) {
      const appended: NewEvent[] = [];
      const result = await runTransaction(database, key, (transaction) => {
        const trx = transaction.withTables<EventTables>();
        let held: Promise<void> | undefined;
        return act(transaction, async (...events) => {
          held ??= holdIds(trx);
          await held;
          const stored = await insertEvents(trx, events, { isKnown, at: now() });
          appended.push(...stored);
          return stored.length === events.length;
        });
      });
      for (const { customerId: customer_id, kind, data: detail, actor = currentActor() } of appended) {
        if (!loggedKinds.includes(kind)) continue;
        const request_id = currentRequestId();
        logger.info({ request_id, customer_id, kind, actor, detail }, "activity");
      }
      if (appended.length > 0) wake();
      return result;
    },

    page: (filter) => findPage(db, readRows, filter),

    beginning: writeCursor({ logId, lastId: 0 }),

    async now() {
      return writeCursor({ logId, lastId: await findLastSettled(db) });
    },

    renamed: (cursor) => writeCursor({ logId, lastId: readCursor(cursor).lastId }),

    readAfter: (cursor, limit) => readAfter(db, readRows, { cursor, logId, limit }),

    cursorAfter: ({ id }) => writeCursor({ logId, lastId: id }),

    subscribe,
  };
}

function runTransaction<T>(
  db: Database,
  key: string | undefined,
  act: (trx: Database) => Promise<T>,
): Promise<T> {
  return key === undefined ? db.transaction().execute(act) : exclusively(db, key, act);
}

/** In this process wakes at once. Other processes' commits are looked for while anybody waits. */
function createWake(db: Database) {
  const listeners = new Set<() => void>();
  let stopWatching: (() => void) | undefined;
  const wake = () => {
    for (const listener of [...listeners]) listener();
  };
  return {
    wake,
    subscribe(onWake: () => void) {
      // A wrapper, so that one function can be subscribed twice.
      const listener = () => onWake();
      listeners.add(listener);
      stopWatching ??= watchCommits(db, wake);
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        stopWatching?.();
        stopWatching = undefined;
      };
    },
  };
}

const insertedColumns = {
  at: "text",
  customer_id: "text",
  kind: "text",
  data: "text",
  once: "text",
  actor: "text",
} as const;
const columnNames = Object.keys(insertedColumns) as (keyof typeof insertedColumns)[];

/** @returns those that are stored */
async function insertEvents(
  trx: Db,
  events: readonly NewEvent[],
  { isKnown = always, at }: { isKnown?: IsKnown | undefined; at: number },
): Promise<NewEvent[]> {
  const rows = events.map(({ customerId, kind, data, once = null, actor = currentActor() ?? null }) => ({
    ...{ at: new Date(at).toISOString(), customer_id: customerId, kind, data: JSON.stringify(data) },
    ...{ once, actor },
  }));
  const customerId = sql<string>`event.customer_id`;
  const stored = await trx
    .insertInto("events")
    .columns(columnNames)
    .expression(
      trx
        .selectFrom(rowList(trx, insertedColumns, rows).as("event"))
        .select(columnNames)
        .where(sql<boolean>`(${customerId} is null or ${isKnown(customerId)})`),
    )
    .onConflict((conflict) => conflict.column("once").doNothing())
    .returning(["customer_id", "once"])
    .execute();
  return thoseStored(events, stored);
}

/** A customer's events are stored or not together, but for those whose name is taken. */
function thoseStored(
  events: readonly NewEvent[],
  stored: readonly { readonly customer_id: string | null; readonly once: string | null }[],
): NewEvent[] {
  const identityOf = (customerId: string | null, once: string | null) => JSON.stringify([customerId, once]);
  const left = new Map<string, number>();
  for (const { customer_id, once } of stored) {
    const identity = identityOf(customer_id, once);
    left.set(identity, (left.get(identity) ?? 0) + 1);
  }
  return events.filter(({ customerId, once = null }) => {
    const identity = identityOf(customerId, once);
    const count = left.get(identity) ?? 0;
    left.set(identity, count - 1);
    return count > 0;
  });
}

type ReadRows = ReturnType<typeof createRowReader>;

/** Rows that can't be read are made up for, so that only the last page has fewer events than the limit. */
async function findPage(db: Db, readRows: ReadRows, filter: EventFilter): Promise<StoredEvent[]> {
  const events: StoredEvent[] = [];
  for (let { before } = filter; ; ) {
    const limit = filter.limit - events.length;
    const rows = await selectPage(db, { ...filter, before, limit });
    events.push(...readRows(rows));
    if (rows.length < limit || events.length === filter.limit) return events;
    before = rows.at(-1)?.id;
  }
}

function selectPage(db: Db, { customerId, before, kinds, limit }: EventFilter): Promise<EventRow[]> {
  return db
    .selectFrom("events")
    .select(eventColumns)
    .$if(customerId !== undefined, (query) => query.where("customer_id", "=", customerId ?? ""))
    .$if(before !== undefined, (query) => query.where("id", "<", before ?? 0))
    .$if(kinds !== undefined, (query) => query.where("kind", "in", kinds ?? []))
    .orderBy("id", "desc")
    .limit(limit)
    .execute();
}

type Reading = { readonly cursor: string; readonly logId: string; readonly limit: number };

async function readAfter(db: Db, readRows: ReadRows, { cursor, logId, limit }: Reading): Promise<EventPage> {
  const after = readCursor(cursor);
  if (after.logId !== logId) throw new EventCursorError("event_log_changed");
  const rows = await findAfter(db, after.lastId, limit);
  const last = rows.at(-1);
  if (last !== undefined) return { events: readRows(rows), cursor: writeCursor({ logId, lastId: last.id }) };
  if (after.lastId > (await readLastId(db))) throw new EventCursorError("event_log_changed");
  return { events: [], cursor };
}

async function findAfter(db: Db, lastId: number, limit: number) {
  const after = db
    .selectFrom("events")
    .select(eventColumns)
    .where("id", ">", lastId)
    .orderBy("id")
    .limit(limit);
  const rows = await after.execute();
  if (rows.length === 0 || engineName(db) === "sqlite") return rows;
  // Anew, with what was committed before it was known up to where all is.
  return after.where("id", "<=", await readSettledId(db)).execute();
}

/** The last event that nobody misses who reads on from it. An id without an event may be given again after a crash. */
async function findLastSettled(db: Db): Promise<number> {
  const { id } = await db
    .selectFrom("events")
    .where("id", "<=", await readSettledId(db))
    .select(({ fn }) => fn.max<number | null>("id").as("id"))
    .executeTakeFirstOrThrow();
  return id ?? 0;
}
