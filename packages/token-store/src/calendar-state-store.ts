import { rowLock } from "@cita/database";
import type { EventLog } from "@cita/events";
import { type Expression, type Kysely, type Selectable, type SqlBool, sql } from "kysely";
import {
  type CalendarRecord,
  type CalendarState,
  type CalendarStateStore,
  calendarStateNames,
} from "./calendar-state.ts";
import type { KeyRing } from "./key-ring.ts";
import type { OAuthTokensTable, TokenStoreTables } from "./schema.ts";

type Deps = {
  db: Kysely<TokenStoreTables>;
  keys: KeyRing;
  events: Pick<EventLog, "transaction">;
  now: () => Date;
};

export function createCalendarStateStore({ db, keys, events, now }: Deps): CalendarStateStore {
  return {
    async find({ customerId, provider }) {
      const row = await db
        .selectFrom("oauth_tokens")
        .select(recordColumns)
        .where("customer_id", "=", customerId)
        .where("provider", "=", provider)
        .where("reconnect_required_since", "is", null)
        .executeTakeFirst();
      return row && toRecord(row);
    },

    async replace(before, after, event) {
      if (event === undefined) return replaceRecord(db, before, after);
      return events.transaction(async (trx, append) => {
        const isReplaced = await replaceRecord(trx.withTables<TokenStoreTables>(), before, after);
        if (isReplaced) await append(event);
        return isReplaced;
      });
    },

    async makeDue({ customerId, provider }) {
      await db
        .updateTable("oauth_tokens")
        .set({ calendar_check_due: now().toISOString() })
        .where("customer_id", "=", customerId)
        .where("provider", "=", provider)
        .execute();
    },

    async takeDue(provider, { limit, dueAgain, latestDue }) {
      const isOverdue = sql<boolean>`calendar_check_due <= ${now().toISOString()}`;
      const isPutOffTooLong = sql<boolean>`calendar_check_due > ${latestDue.toISOString()}`;
      // Two queries, each over one range of the index: for an "or" SQLite would read the whole index.
      const selectDue = (isDue: Expression<SqlBool>) =>
        db
          .selectFrom("oauth_tokens")
          .select("connection_id")
          .where("provider", "=", provider)
          .where("reconnect_required_since", "is", null)
          .where(isDue)
          // A calendar can't be read with tokens that no key opens.
          .where("key_fingerprint", "in", keys.fingerprints)
          .orderBy("calendar_check_due")
          .limit(limit)
          .modifyEnd(rowLock(db, "for update skip locked"));
      const rows = await db
        .with("overdue", () => selectDue(isOverdue))
        .with("put_off", () => selectDue(isPutOffTooLong))
        .updateTable("oauth_tokens")
        .set({ calendar_check_due: dueAgain.toISOString() })
        .where("connection_id", "in", ({ selectFrom }) =>
          selectFrom("overdue")
            .select("connection_id")
            .unionAll(selectFrom("put_off").select("connection_id"))
            .limit(limit),
        )
        .returning(["customer_id", "provider", ...stateColumnNames])
        .execute();
      return rows.map((row) => ({
        customerId: row.customer_id,
        provider: row.provider,
        state: toCalendarState(row),
      }));
    },
  };
}

async function replaceRecord(
  db: Kysely<TokenStoreTables>,
  before: CalendarRecord,
  after: CalendarRecord,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable("oauth_tokens")
    .set({
      ...stateColumns(after.state),
      calendar_failing_since: after.failingSince?.toISOString() ?? null,
      calendar_failures: after.failures,
      calendar_check_due: after.checkDue.toISOString(),
    })
    .where("connection_id", "=", before.connectionId)
    .where("created_at", "=", before.connectedAt.toISOString())
    .where("reconnect_required_since", "is", null)
    .where("calendar_state", "=", before.state.name)
    .where("calendar_state_since", "is not distinct from", before.state.since?.toISOString() ?? null)
    .where("calendar_failures", "=", before.failures)
    .executeTakeFirstOrThrow();
  return numUpdatedRows === 1n;
}

/** The columns after a new consent: the calendar's state is unknown, and it is due at once. */
export function newCalendarState(at: string) {
  return {
    calendar_state: "unknown" as const,
    calendar_state_since: null,
    calendar_state_detail: null,
    calendar_failing_since: null,
    calendar_failures: 0,
    calendar_check_due: at,
  };
}

export const stateColumnNames = ["calendar_state", "calendar_state_since", "calendar_state_detail"] as const;

const recordColumns = [
  "connection_id",
  "customer_id",
  "provider",
  "created_at",
  ...stateColumnNames,
  "calendar_failing_since",
  "calendar_failures",
  "calendar_check_due",
] as const;

type Row = Selectable<OAuthTokensTable>;

export function toCalendarState(row: Pick<Row, (typeof stateColumnNames)[number]>): CalendarState {
  const { calendar_state: name, calendar_state_since: since, calendar_state_detail: detail } = row;
  return {
    name: calendarStateNames.find((known) => known === name) ?? "unknown",
    since: since === null ? null : new Date(since),
    ...readDetail(detail),
  };
}

function toRecord(row: Pick<Row, (typeof recordColumns)[number]>): CalendarRecord {
  return {
    connectionId: row.connection_id,
    customerId: row.customer_id,
    provider: row.provider,
    connectedAt: new Date(row.created_at),
    state: toCalendarState(row),
    failingSince: row.calendar_failing_since === null ? null : new Date(row.calendar_failing_since),
    failures: row.calendar_failures,
    checkDue: new Date(row.calendar_check_due),
  };
}

function stateColumns({ name, since, calendar, reason, span }: CalendarState) {
  const isPlain = calendar === null && reason === null && span === null;
  return {
    calendar_state: name,
    calendar_state_since: since?.toISOString() ?? null,
    calendar_state_detail: isPlain ? null : JSON.stringify({ calendar, reason, span }),
  };
}

type Detail = Pick<CalendarState, "calendar" | "reason" | "span">;

/** Damaged JSON counts as empty, so that one customer's row can't fail the list of all customers. */
function readDetail(text: string | null): Detail {
  const none: Detail = { calendar: null, reason: null, span: null };
  if (text === null) return none;
  try {
    const { calendar, reason, span } = JSON.parse(text) as Partial<Detail>;
    return { calendar: calendar ?? null, reason: reason ?? null, span: span ?? null };
  } catch {
    return none;
  }
}
