import type { Database } from "@cita/database";
import { type Kysely, type Selectable, type SqlBool, sql } from "kysely";
import {
  type CalendarRecord,
  type CalendarState,
  type CalendarStateName,
  type CalendarStateStore,
  calendarStateNames,
} from "./calendar-state.ts";
import type { KeyRing } from "./key-ring.ts";
import type { OAuthTokensTable, TokenStoreTables } from "./schema.ts";
import type { CustomerKey } from "./token-store.ts";

type Tables = Kysely<TokenStoreTables>;
type Deps = { db: Tables; keys: KeyRing; now: () => Date };

export function createCalendarStates({ db, keys, now }: Deps): CalendarStateStore {
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

    async replace(before, after) {
      const { numUpdatedRows } = await db
        .updateTable("oauth_tokens")
        .set({
          ...stateColumns(after.state),
          calendar_failing_since: after.failingSince?.toISOString() ?? null,
          calendar_failures: after.failures,
          calendar_check_due: after.checkDue.toISOString(),
        })
        .where("customer_id", "=", before.customerId)
        .where("provider", "=", before.provider)
        .where("created_at", "=", before.connectedAt.toISOString())
        .where("reconnect_required_since", "is", null)
        .where("calendar_state", "=", before.state.name)
        .where("calendar_state_since", "is", before.state.since?.toISOString() ?? null)
        .where("calendar_failures", "=", before.failures)
        .executeTakeFirstOrThrow();
      return numUpdatedRows === 1n;
    },

    async makeDue({ customerId, provider }) {
      await db
        .updateTable("oauth_tokens")
        .set({ calendar_check_due: now().toISOString() })
        .where("customer_id", "=", customerId)
        .where("provider", "=", provider)
        .execute();
    },

    async claimDue(provider, limit, dueAgain) {
      const due = now().toISOString();
      const rows = await db
        .updateTable("oauth_tokens")
        .set({ calendar_check_due: dueAgain.toISOString() })
        .where("provider", "=", provider)
        .where("calendar_check_due", "<=", due)
        .where("customer_id", "in", (from) =>
          from
            .selectFrom("oauth_tokens")
            .select("customer_id")
            .where("provider", "=", provider)
            .where("reconnect_required_since", "is", null)
            .where("calendar_check_due", "<=", due)
            // What no key opens can't be asked about.
            .where("key_fingerprint", "in", keys.fingerprints)
            .orderBy("calendar_check_due")
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

/** What a new consent leaves of an earlier one's: nothing, and it is to be read at once. */
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

/**
 * How many connected calendars are in each state. Those that answer aren't looked at: an index holds the others.
 * @param connected how many there are.
 */
export async function countCalendarStates(
  db: Tables,
  provider: string,
  connected: number,
): Promise<Record<CalendarStateName, number>> {
  const rows = await notAnswering(db, provider)
    .select(["calendar_state", sql<number>`count(*)`.as("count")])
    .groupBy("calendar_state")
    .execute();
  const found = new Map(rows.map(({ calendar_state, count }) => [calendar_state, count]));
  const others = rows.reduce((sum, { count }) => sum + count, 0);
  const countOf = (name: CalendarStateName) =>
    name === "ok" ? Math.max(0, connected - others) : (found.get(name) ?? 0);
  return {
    ok: countOf("ok"),
    unreadable: countOf("unreadable"),
    refused: countOf("refused"),
    not_found: countOf("not_found"),
    unreachable: countOf("unreachable"),
    unknown: countOf("unknown"),
  };
}

/** How many connections may be used. It opens no secret and needs no key. */
export async function countConnected(db: Database, provider: string): Promise<number> {
  const { count } = await db
    .withTables<TokenStoreTables>()
    .selectFrom("oauth_tokens")
    .where("provider", "=", provider)
    .where("reconnect_required_since", "is", null)
    .select(sql<number>`count(*)`.as("count"))
    .executeTakeFirstOrThrow();
  return count;
}

/** Connected calendars that don't answer, the longest first. It opens no secret and needs no key. */
export async function findTroubledCalendars(
  db: Database,
  provider: string,
): Promise<(CustomerKey & { readonly state: CalendarState })[]> {
  const rows = await notAnswering(db.withTables<TokenStoreTables>(), provider)
    .where("calendar_state", "!=", "unknown")
    .select(["customer_id", "provider", ...stateColumnNames])
    .orderBy("calendar_state_since")
    .execute();
  return rows.map((row) => ({
    customerId: row.customer_id,
    provider: row.provider,
    state: toCalendarState(row),
  }));
}

/** As the index has them, whose condition has to stand here word for word. */
function notAnswering(db: Tables, provider: string) {
  return db
    .selectFrom("oauth_tokens")
    .where(sql<SqlBool>`calendar_state <> 'ok' and reconnect_required_since is null`)
    .where("provider", "=", provider);
}

const stateColumnNames = ["calendar_state", "calendar_state_since", "calendar_state_detail"] as const;

const recordColumns = [
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

/** What was spoilt on the disk is unknown: one customer's row must not hide all the others of a list. */
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
