import { type Database, engineName, openDatabase } from "@cita/database";
import { sql } from "kysely";

type EngineName = ReturnType<typeof engineName>;

/** What the two engines write in different ways. */
const dialects = {
  sqlite: {
    member: (name: string) => `data ->> '${name}'`,
    toMilliseconds: (time: string) => `unixepoch(${time}) * 1000`,
  },
  postgres: {
    member: (name: string) => `data::json ->> '${name}'`,
    toMilliseconds: (time: string) => `extract(epoch from ${time}::timestamptz) * 1000`,
  },
};

/**
 * For each kind of deed, what the tables have and the events don't tell, and the other way round. Each query returns the
 * rows that differ.
 */
function createChecks(engine: EngineName): Readonly<Record<string, string>> {
  const { member, toMilliseconds } = dialects[engine];
  const asText = (expression: string) => `cast(${expression} as text)`;

  /**
   * Deeds without their event, and events without their deed.
   * @param deeds a table, or a query in brackets, with an `id`. @param name of the member of the event's data that names
   *   the deed.
   */
  const unpaired = (deeds: string, kind: string, name: string) => `
    select coalesce(d.id, e.id) as id from (select ${asText("id")} as id from ${deeds} as deeds) as d
      full join (select ${asText(member(name))} as id from events where kind = '${kind}') as e on e.id = d.id
      where d.id is null or e.id is null`;

  /** The last event of these kinds of each subject. */
  const last = (subject: string, kinds: readonly string[]) => `
    (select * from events where id in (select max(id) from events
      where kind in (${kinds.map((kind) => `'${kind}'`).join(", ")}) group by ${subject}))`;

  return {
    "a booking was confirmed and its event is missing, or the other way round": unpaired(
      "(select id from bookings where status in ('confirmed', 'cancelled'))",
      "booked",
      "booking_id",
    ),
    "a booking was cancelled and its event is missing, or the other way round": unpaired(
      "(select id from bookings where status = 'cancelled')",
      "cancelled",
      "booking_id",
    ),
    "a booking starts at another time than its last event says": `
    select b.id, b.start_ms, e.start from bookings as b join
      (select ${member("booking_id")} as id, ${member("start")} as start
        from ${last(member("booking_id"), ["booked", "rescheduled"])} as told) as e on e.id = b.id
      where b.status in ('confirmed', 'cancelled') and b.start_ms <> ${toMilliseconds("e.start")}`,
    "a schedule was stored and its event is missing, or the other way round": `
    select coalesce(s.customer_id, e.customer_id) as id from schedules as s
      full join (select distinct customer_id from events where kind = 'schedule_changed') as e
        on e.customer_id = s.customer_id
      where s.customer_id is null or e.customer_id is null`,
    "an agent key was made and its event is missing, or the other way round": unpaired(
      "agent_keys",
      "agent_key_created",
      "key_id",
    ),
    "an agent key was revoked and its event is missing, or the other way round": unpaired(
      "(select id from agent_keys where revoked_at_ms is not null)",
      "agent_key_revoked",
      "key_id",
    ),
    "a link was made and its event is missing, or the other way round": unpaired(
      "consent_links",
      "link_issued",
      "link_id",
    ),
    "a link was revoked and its event is missing, or the other way round": unpaired(
      "(select id from consent_links where revoked_at is not null)",
      "link_revoked",
      "link_id",
    ),
    "a link was used and its event is missing, or the other way round": unpaired(
      "(select id from consent_links where used_at is not null)",
      "connected",
      "link_id",
    ),
    "an attempt ended and its event is missing, or the other way round": `
    select coalesce(a.id, e.id) as id, a.outcome, e.kind from
      (select ${asText("id")} as id, outcome from consent_attempts where outcome is not null) as a
      full join (select ${asText(member("attempt_id"))} as id, kind from events
        where kind = 'connected' or kind like 'consent_%') as e on e.id = a.id
      where a.id is null or e.id is null or replace(e.kind, 'consent_', '') <> a.outcome`,
    "a connection isn't as its last event says": `
    select coalesce(o.customer_id, e.customer_id) as id, o.status, e.kind from
      (select customer_id,
        case when reconnect_required_since is null then 'connected' else 'reconnect_required' end as status
        from oauth_tokens) as o
      full join ${last("customer_id", ["connected", "reconnect_required", "disconnected"])} as e
        on e.customer_id = o.customer_id
      where coalesce(o.status, 'disconnected') <> coalesce(e.kind, 'disconnected')`,
    "a lost connection has no link to connect again": `
    select customer_id from oauth_tokens as o where reconnect_required_since is not null and not exists
      (select 1 from consent_links as l where l.customer_id = o.customer_id
        and l.used_at is null and l.revoked_at is null)`,
    "a calendar isn't in the state that its last event says": `
    select o.customer_id, o.calendar_state, e.state from oauth_tokens as o left join
      (select customer_id, case kind when 'calendar_state_changed' then ${member("state")}
          when 'calendar_answered' then 'ok' else 'unknown' end as state
        from ${last("customer_id", ["connected", "calendar_state_changed", "calendar_answered"])} as told) as e
        on e.customer_id = o.customer_id
      where o.calendar_state <> coalesce(e.state, 'unknown')`,
  };
}

/** @returns what differs between the deeds in a calendar service's database and its events; empty: they agree. */
export function findUntold(databaseUrl: string): Promise<string[]> {
  return withDatabase(databaseUrl, async (db) => {
    const found: string[] = [];
    for (const [name, query] of Object.entries(createChecks(engineName(db)))) {
      const { rows } = await sql.raw(query).execute(db);
      found.push(...rows.map((row) => `${name}: ${JSON.stringify(row)}`));
    }
    return found;
  });
}

/** How many events of a kind a customer has. */
export function countEvents(databaseUrl: string, customerId: string, kind: string): Promise<number> {
  return withDatabase(databaseUrl, async (db) => {
    const { rows } = await sql<{ count: number }>`
      select count(*) as count from events where customer_id = ${customerId} and kind = ${kind}`.execute(db);
    return rows[0]?.count ?? 0;
  });
}

async function withDatabase<T>(url: string, act: (db: Database) => Promise<T>): Promise<T> {
  const db = openDatabase(url, { mustExist: true });
  try {
    return await act(db);
  } finally {
    await db.destroy();
  }
}
