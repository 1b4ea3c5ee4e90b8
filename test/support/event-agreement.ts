import Sqlite from "better-sqlite3";

/**
 * For each kind of deed, what the tables have and the events don't tell, and the other way round. Each query returns the
 * rows that differ.
 */
const checks: Readonly<Record<string, string>> = {
  "a booking was confirmed and its event is missing, or the other way round": `
    select coalesce(b.id, e.id) as id from
      (select id from bookings where status in ('confirmed', 'cancelled')) as b
      full join (select data ->> 'booking_id' as id from events where kind = 'booked') as e on e.id = b.id
      where b.id is null or e.id is null`,
  "a booking was cancelled and its event is missing, or the other way round": `
    select coalesce(b.id, e.id) as id from
      (select id from bookings where status = 'cancelled') as b
      full join (select data ->> 'booking_id' as id from events where kind = 'cancelled') as e on e.id = b.id
      where b.id is null or e.id is null`,
  "a booking starts at another time than its last event says": `
    select b.id, b.start_ms, e.start from bookings as b join
      (select data ->> 'booking_id' as id, data ->> 'start' as start, max(id) from events
        where kind in ('booked', 'rescheduled') group by data ->> 'booking_id') as e on e.id = b.id
      where b.status in ('confirmed', 'cancelled') and b.start_ms <> unixepoch(e.start) * 1000`,
  "a schedule was stored and its event is missing, or the other way round": `
    select coalesce(s.customer_id, e.customer_id) as id from schedules as s
      full join (select distinct customer_id from events where kind = 'schedule_changed') as e
        on e.customer_id = s.customer_id
      where s.customer_id is null or e.customer_id is null`,
  "an agent key was made and its event is missing, or the other way round": `
    select coalesce(k.id, e.id) as id from agent_keys as k
      full join (select data ->> 'key_id' as id from events where kind = 'agent_key_created') as e on e.id = k.id
      where k.id is null or e.id is null`,
  "an agent key was revoked and its event is missing, or the other way round": `
    select coalesce(k.id, e.id) as id from (select id from agent_keys where revoked_at_ms is not null) as k
      full join (select data ->> 'key_id' as id from events where kind = 'agent_key_revoked') as e on e.id = k.id
      where k.id is null or e.id is null`,
};

/** @returns what differs between the deeds in a calendar service's database and its events; empty: they agree. */
export function findUntold(databaseFile: string): string[] {
  const database = new Sqlite(databaseFile, { readonly: true, fileMustExist: true });
  try {
    return Object.entries(checks).flatMap(([name, query]) =>
      database
        .prepare(query)
        .all()
        .map((row) => `${name}: ${JSON.stringify(row)}`),
    );
  } finally {
    database.close();
  }
}

/** How many events of a kind a customer has. */
export function countEvents(databaseFile: string, customerId: string, kind: string): number {
  const database = new Sqlite(databaseFile, { readonly: true, fileMustExist: true });
  try {
    const query = "select count(*) as count from events where customer_id = ? and kind = ?";
    return (database.prepare(query).get(customerId, kind) as { count: number }).count;
  } finally {
    database.close();
  }
}
