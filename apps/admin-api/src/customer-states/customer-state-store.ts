import type { ConnectionSummary, EventsPage } from "@cita/calendar-api";
import { type Database, exclusively, migrate, unindexed, valueList } from "@cita/database";
import { type Kysely, type Selectable, sql } from "kysely";
import { type CustomerState, foldEvent, unknownState } from "./fold-event.ts";
import { type CustomerStateTables, customerStateMigrations } from "./migrations.ts";

/**
 * The customers' states, and the cursor up to where the calendar service's events are in them, each time written in one
 * transaction. Every customer in `customers` has a state, and nobody else. Several processes may follow the events: the
 * cursor says whose events are the next, and what another one has done already isn't done again.
 */
export type CustomerStateStore = {
  /** Where events are read on from; undefined: there is no complete snapshot. */
  cursor(): Promise<string | undefined>;
  /** Ids of customers after an id, in order. */
  customerIds(after: string, limit: number): Promise<string[]>;
  /**
   * Begins a snapshot, or joins the one that another process has begun and not completed. It has to be called before any
   * summary is read.
   * @param now the cursor of now.
   * @returns the snapshot's cursor: events are read on from it once the snapshot is complete.
   */
  beginSnapshot(now: string): Promise<string>;
  /**
   * Stores what a snapshot says of customers. Those that it doesn't name are pending.
   * @returns false where the snapshot isn't under way any more. Nothing is stored then, since the states may have later
   * events in them.
   */
  replace(
    snapshot: string,
    customerIds: readonly string[],
    summaries: readonly ConnectionSummary[],
  ): Promise<boolean>;
  completeSnapshot(snapshot: string): Promise<void>;
  /**
   * Ids after an id, in order, of customers that count as pending by no event: since they were added, which the calendar
   * service may have known before.
   */
  pendingIds(after: string, limit: number): Promise<string[]>;
  /** Stores a customer's state as the calendar service knows it, where the stored one has another status than this. */
  reconcile(customerId: string, status: CustomerState["status"], readSummary: ReadSummary): Promise<void>;
  /** Changes the states by events that were read after `from`, unless another process has done so. */
  apply(from: string, page: EventsPage): Promise<void>;
  /** Forgets a cursor that the calendar service refuses, so that a snapshot is begun. */
  forgetCursor(refused: string): Promise<void>;
  /** The id of the last event that has changed a state; 0: none has. */
  lastEventId(): Promise<number>;
  /** The customers whose states were changed by events with higher ids, at most 1,000. */
  changedAfter(eventId: number): Promise<ChangedState[]>;
  /** Those of some customers whose states were changed by events with higher ids. */
  changedAmong(customerIds: readonly string[], eventId: number): Promise<string[]>;
};

export type ChangedState = { readonly customerId: string; readonly eventId: number };

/** @returns undefined where the calendar service doesn't know the customer. */
type ReadSummary = () => Promise<ConnectionSummary | undefined>;

type Db = Kysely<CustomerStateTables>;

/** Whoever writes a state, or removes a customer, is alone: each decides by the cursor, the states and the customers. */
export const customerStatesKey = "customer states";

export type CustomerStateOptions = {
  /** Stores what else events tell, in the transaction that stores their cursor. */
  readonly onEvents?: (trx: Database, events: EventsPage["events"]) => Promise<void>;
};

/** Migrates the tables and opens the store over them. The table `customers` must exist. @throws DatabaseError */
export async function openCustomerStateStore(
  database: Database,
  { onEvents }: CustomerStateOptions = {},
): Promise<CustomerStateStore> {
  await migrate(database, customerStateMigrations);
  const db = database.withTables<CustomerStateTables>();
  const alone = aloneIn(db);

  return {
    cursor: () => readCursor(db),

    async customerIds(after, limit) {
      const { rows } = await sql<{ customer_id: string }>`select customer_id from customers
        where customer_id > ${after} order by customer_id limit ${limit}`.execute(db);
      return rows.map(({ customer_id }) => customer_id);
    },

    beginSnapshot: (now) =>
      alone(async (trx) => {
        await trx
          .insertInto("event_cursor")
          .values({ id: 1, cursor: now, is_complete: 0 })
          .onConflict((conflict) => conflict.doNothing())
          .execute();
        return (await trx.selectFrom("event_cursor").select("cursor").executeTakeFirstOrThrow()).cursor;
      }),

    replace: (snapshot, customerIds, summaries) =>
      alone(async (trx) => {
        const underWay = await trx
          .selectFrom("event_cursor")
          .select("id")
          .where("cursor", "=", snapshot)
          .where("is_complete", "=", 0)
          .executeTakeFirst();
        if (underWay === undefined) return false;
        const named = new Map(summaries.map((summary) => [summary.customer_id, toState(summary)]));
        for (const id of customerIds) await saveState(trx, id, named.get(id) ?? unknownState);
        return true;
      }),

    async completeSnapshot(snapshot) {
      await db
        .updateTable("event_cursor")
        .set({ is_complete: 1 })
        .where("cursor", "=", snapshot)
        .where("is_complete", "=", 0)
        .execute();
    },

    pendingIds: (after, limit) => findPending(db, { after, limit }),
    reconcile: (customerId, status, readSummary) => reconcile(db, { customerId, status, readSummary }),

    apply: (from, page) =>
      exclusively(database, customerStatesKey, async (transaction) => {
        const trx = transaction.withTables<CustomerStateTables>();
        if ((await readCursor(trx)) !== from) return;
        await applyEvents(trx, page.events);
        await onEvents?.(transaction, page.events);
        await trx.updateTable("event_cursor").set({ cursor: page.cursor }).execute();
      }),
    lastEventId: () => readLastEventId(db),
    changedAfter: (eventId) => findChangedAfter(db, eventId),
    async changedAmong(customerIds, eventId) {
      const states = await findStates(db, customerIds);
      return [...states].flatMap(([id, state]) => ((state.eventId ?? 0) > eventId ? id : []));
    },

    async forgetCursor(refused) {
      await alone((trx) => trx.deleteFrom("event_cursor").where("cursor", "=", refused).execute());
    },
  };
}

function aloneIn(db: Db) {
  return <T>(work: (trx: Db) => Promise<T>) => exclusively(db, customerStatesKey, work);
}

/** Those of whose status no event has told: others, such as of a booking, may have changed the state. */
async function findPending(db: Db, { after, limit }: { after: string; limit: number }): Promise<string[]> {
  const rows = await db
    .selectFrom("customer_states")
    .select("customer_id")
    .where("status", "=", "pending")
    .where("customer_id", ">", after)
    .where(unindexed(db, "status_since"), "is", null)
    .orderBy("customer_id")
    .limit(limit)
    .execute();
  return rows.map(({ customer_id }) => customer_id);
}

type Reconciled = {
  readonly customerId: string;
  readonly status: CustomerState["status"];
  readonly readSummary: ReadSummary;
};

async function reconcile(db: Db, { customerId, status, readSummary }: Reconciled): Promise<void> {
  const find = async (within: Db) => (await findStates(within, [customerId])).get(customerId);
  for (let isStored = false; !isStored; ) {
    const before = await find(db);
    if (before?.status === status) return;
    const summary = await readSummary();
    if (summary === undefined) return;
    isStored = await aloneIn(db)(async (trx) => {
      // An event that has come in between may be newer than the summary.
      if ((await find(trx))?.eventId !== before?.eventId) return false;
      await saveState(trx, customerId, toState(summary));
      return true;
    });
  }
}

async function applyEvents(trx: Db, events: EventsPage["events"]): Promise<void> {
  const ids = new Set(events.flatMap(({ customer_id }) => customer_id ?? []));
  const before = await findStates(trx, [...ids]);
  const after = new Map(before);
  for (const event of events) {
    if (event.customer_id === null) continue;
    const state = foldEvent(after.get(event.customer_id), event);
    if (state !== undefined) after.set(event.customer_id, state);
  }
  for (const [id, state] of after) if (before.get(id) !== state) await saveState(trx, id, state);
}

async function readLastEventId(db: Db): Promise<number> {
  const { last } = await db
    .selectFrom("customer_states")
    .select(({ fn }) => fn.max("event_id").as("last"))
    .executeTakeFirstOrThrow();
  return last ?? 0;
}

async function findChangedAfter(db: Db, eventId: number): Promise<ChangedState[]> {
  const rows = await db
    .selectFrom("customer_states")
    .select(["customer_id", "event_id"])
    .where("event_id", ">", eventId)
    .orderBy("event_id")
    .limit(1_000)
    .execute();
  return rows.map((row) => ({ customerId: row.customer_id, eventId: row.event_id ?? eventId }));
}

async function readCursor(db: Db): Promise<string | undefined> {
  const row = await db
    .selectFrom("event_cursor")
    .select("cursor")
    .where("is_complete", "=", 1)
    .executeTakeFirst();
  return row?.cursor;
}

function isAmong(db: Db, customerIds: readonly string[]) {
  return sql<boolean>`customer_id in ${valueList(db, "text", customerIds)}`;
}

async function findStates(db: Db, customerIds: readonly string[]): Promise<Map<string, CustomerState>> {
  const rows = await db.selectFrom("customer_states").selectAll().where(isAmong(db, customerIds)).execute();
  return new Map(rows.map((row) => [row.customer_id, readState(row)]));
}

/** A customer may have been removed since: then nothing is stored. */
async function saveState(trx: Db, customerId: string, state: CustomerState): Promise<void> {
  await sql`insert into customer_states
    (customer_id, status, status_since, calendar_state, calendar_state_since, provider, last_booked_at,
      event_id)
    select ${customerId}, ${state.status}, ${state.statusSince}, ${state.calendarState},
      ${state.calendarStateSince}, ${state.provider}, ${state.lastBookedAt}, ${state.eventId}
    where exists (select 1 from customers where customer_id = ${customerId})
    on conflict (customer_id) do update set
      status = excluded.status, status_since = excluded.status_since,
      calendar_state = excluded.calendar_state, calendar_state_since = excluded.calendar_state_since,
      provider = excluded.provider, event_id = excluded.event_id,
      last_booked_at = coalesce(excluded.last_booked_at, customer_states.last_booked_at)`.execute(trx);
}

function readState(row: Selectable<CustomerStateTables["customer_states"]>): CustomerState {
  return {
    status: row.status as CustomerState["status"],
    statusSince: row.status_since,
    calendarState: row.calendar_state as CustomerState["calendarState"],
    calendarStateSince: row.calendar_state_since,
    provider: row.provider,
    lastBookedAt: row.last_booked_at,
    eventId: row.event_id,
  };
}

/** A summary doesn't say since when a customer is pending or disconnected. */
function toState({ status, calendar_state, ...summary }: ConnectionSummary): CustomerState {
  const since = { connected: summary.connected_at, reconnect_required: summary.reconnect_required_since };
  return {
    status,
    statusSince: status === "connected" || status === "reconnect_required" ? since[status] : null,
    calendarState: calendar_state?.state ?? null,
    calendarStateSince: calendar_state?.since ?? null,
    provider: summary.provider,
    lastBookedAt: null,
    eventId: null,
  };
}
