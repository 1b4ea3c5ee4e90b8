import { engineName, openDatabase } from "@cita/database";
import { type Kysely, type RawBuilder, sql } from "kysely";

type Db = Kysely<Record<never, never>>;

export type Filling = {
  readonly customers: number;
  /** A connected customer with a schedule. Its connection, link and schedule are copied. */
  readonly like: string;
  readonly now: number;
};

/**
 * Adds customers whom nobody asks about to a database of mcp-calendar, with rows in every table that grows with customers.
 * Nothing of theirs is due, neither for settling nor for renewing, checking or purging.
 */
export function addCalendarCustomers(url: string, filling: Filling): Promise<void> {
  return inOneTransaction(url, (trx) => fillCalendarService(trx, filling));
}

/**
 * The same in a database of admin-api. None of them is pending: a query that looks for that among them reads them all.
 * @param cursor up to where the calendar service's events count as read.
 */
export function addAdminCustomers(
  url: string,
  { cursor, ...filling }: Omit<Filling, "like"> & { readonly cursor: string },
): Promise<void> {
  return inOneTransaction(url, async (trx) => {
    await fillAdminApi(trx, filling);
    await sql`insert into event_cursor (id, cursor, is_complete) values (1, ${cursor}, 1)
      on conflict (id) do update set cursor = excluded.cursor, is_complete = 1`.execute(trx);
  });
}

const timeoutMs = 300_000;

async function inOneTransaction(url: string, work: (trx: Db) => Promise<void>): Promise<void> {
  const db = openDatabase(url);
  const inTransaction = (act: (trx: Db) => Promise<unknown>) =>
    db.transaction().execute(async (trx) => {
      if (engineName(db) === "postgres")
        await sql.raw(`set local statement_timeout = ${timeoutMs}`).execute(trx);
      await act(trx);
    });
  await inTransaction(work);
  // SQLite has none: the services don't collect them.
  if (engineName(db) === "postgres") await inTransaction((trx) => sql`analyze`.execute(trx));
  await db.destroy();
}

/** Numbers from 0, as a table `numbers` with the column `i`. */
const upTo = (count: number) =>
  sql`with recursive numbers(i) as (select 0 union all select i + 1 from numbers where i < ${sql.lit(count - 1)})`;

const hourMs = 3_600_000;
/** The watch takes over what is due later than after 15 minutes. */
const checkDueMs = 14 * 60_000;

async function fillCalendarService(trx: Db, { customers, like, now }: Filling): Promise<void> {
  const iso = (offsetMs: number) => sql.lit(new Date(now + offsetMs).toISOString());
  const ms = (offsetMs: number) => sql.lit(now + offsetMs);
  const insert = (columns: string, times: number, values: RawBuilder<unknown>) =>
    sql`insert into ${sql.raw(columns)} ${upTo(customers * times)} ${values}`.execute(trx);

  await insert(
    `oauth_tokens (connection_id, customer_id, provider, access_token, refresh_token, token_expiry, renew_at, client_id,
      calendar_email, account_id, scope, key_fingerprint, version, reconnect_required_since, time_zone, calendar_state,
      calendar_state_since, calendar_check_due, created_at, updated_at)`,
    1,
    sql`select 'quiet-' || i, 'quiet-' || i, provider, access_token, refresh_token, token_expiry, renew_at, client_id,
      'quiet-' || i || '@example.com', 'account-' || i, scope, key_fingerprint, version,
      case when i % 10 = 1 then ${iso(-hourMs)} end, 'America/Bogota', case when i % 20 = 2 then 'unreadable' else 'ok' end,
      ${iso(-hourMs)}, ${iso(checkDueMs)}, created_at, updated_at
      from numbers, oauth_tokens where customer_id = ${like}`,
  );
  await insert(
    `consent_links (customer_id, provider, token_hash, token_sealed, key_fingerprint, any_account, created_at, expires_at,
      used_at)`,
    2,
    sql`select 'quiet-' || (i / 2), provider, 'hash-' || i, token_sealed, key_fingerprint, any_account, created_at,
      expires_at, case when i % 2 = 0 then used_at end
      from numbers, consent_links where customer_id = ${like}`,
  );
  await insert(
    "consent_attempts (link_id, state_hash, started_at, returned_at, outcome)",
    1,
    sql`select link.id, 'state-' || i, ${iso(-hourMs)}, case when i % 2 = 0 then ${iso(-hourMs)} end,
      case when i % 2 = 0 then 'connected' end
      from numbers join consent_links as link on link.token_hash = 'hash-' || i`,
  );
  // Two in the past, two ahead, of which one is cancelled, and one that was tried only.
  await insert(
    `bookings (id, customer_id, status, start_ms, end_ms, held_until_ms, blocked_from_ms, blocked_until_ms, seat, sequence,
      event_id, account_id, time_zone, service, attendee_name, attendee_phone, attendee_email, attendee_ref, request_hash,
      created_at, updated_at)`,
    5,
    sql`select 'quiet' || i, 'quiet-' || (i / 5), case i % 5 when 3 then 'cancelled' when 4 then 'released' else 'confirmed' end,
      ${ms(0)} + (i % 5 - 2) * ${sql.lit(8 * hourMs)}, ${ms(hourMs)} + (i % 5 - 2) * ${sql.lit(8 * hourMs)}, 0,
      ${ms(0)} + (i % 5 - 2) * ${sql.lit(8 * hourMs)}, ${ms(hourMs)} + (i % 5 - 2) * ${sql.lit(8 * hourMs)}, 0, 1000000 + i,
      'event' || i, 'account-' || (i / 5), 'America/Bogota', 'appointment', 'Ana', '+5730012' || (10000 + i),
      'ana' || i || '@example.com', 'person-' || i, 'hash', ${iso(-hourMs)}, ${iso(-hourMs)} from numbers`,
  );
  await insert(
    "attendee_changes (customer_id, attendee_phone, attendee_ref, kind, at_ms)",
    2,
    sql`select 'quiet-' || (i / 2), '+5730012' || (10000 + i), 'person-' || i, 'book', ${ms(-hourMs)} from numbers`,
  );
  await insert(
    "schedules (customer_id, schedule, updated_at)",
    1,
    sql`select 'quiet-' || i, schedule, updated_at from numbers, schedules where customer_id = ${like}`,
  );
  await insert(
    "events (at, customer_id, kind, data)",
    5,
    sql`select ${iso(-hourMs)}, 'quiet-' || (i / 5), case i % 5 when 0 then 'connected' when 1 then 'link_opened' else 'booked' end,
      '{"booking_id":"quiet"}' from numbers`,
  );
  await insert(
    "removed_customers (hash, removed_at_ms)",
    1,
    sql`select 'hash-' || i, ${ms(-hourMs)} from numbers`,
  );
  await insert(
    "agent_keys (customer_id, name, hash, last_characters, created_at_ms)",
    1,
    sql`select 'quiet-' || i, 'bot', 'hash-' || i, '0000', ${ms(-hourMs)} from numbers`,
  );
}

async function fillAdminApi(trx: Db, { customers, now }: Omit<Filling, "like">): Promise<void> {
  const at = sql.lit(new Date(now - hourMs).toISOString());
  await sql`insert into customers (customer_id, customer_email, customer_name, search_text, created_at, updated_at)
    ${upTo(customers)} select 'quiet-' || i, 'quiet-' || i || '@example.com', 'Quiet ' || i,
      'quiet-' || i || ${sql.lit("\n")} || 'quiet ' || i || ${sql.lit("\n")} || 'quiet-' || i || '@example.com', ${at}, ${at}
      from numbers`.execute(trx);
  await sql`insert into customer_states (customer_id, status, status_since, calendar_state, calendar_state_since, provider,
      event_id) ${upTo(customers)}
    select 'quiet-' || i, case i % 10 when 1 then 'reconnect_required' else 'connected' end, ${at},
      case i % 10 when 1 then 'unknown' when 2 then 'unreadable' else 'ok' end, ${at}, 'google', i from numbers`.execute(
    trx,
  );
  await sql`insert into events (at, customer_id, kind, data) ${upTo(customers)}
    select ${at}, 'quiet-' || i, 'customer_added', '{}' from numbers`.execute(trx);
  await fillDailyBookings(trx, { customers, now });
  await fillPeople(trx, { customers, now });
}

/** Three of the last days of each customer, and those of all together. */
async function fillDailyBookings(trx: Db, { customers, now }: Omit<Filling, "like">): Promise<void> {
  for (let ago = 1; ago <= 3; ago++) {
    const day = sql.lit(new Date(now - ago * 24 * hourMs).toISOString().slice(0, 10));
    await sql`insert into daily_bookings (id, day, customer_id, booked) ${upTo(customers)}
      select ${day} || ' quiet-' || i, ${day}, 'quiet-' || i, 2 from numbers`.execute(trx);
    await sql`insert into daily_bookings (id, day, customer_id, booked)
      values (${day} || ' ', ${day}, '', ${sql.lit(2 * customers)})`.execute(trx);
  }
}

/** There are fewer people than customers. */
const mostUsers = 1_000;
/** Sessions, links and counts. */
const mostOfPeople = 10_000;

/** Members, each of some customers, with what was begun an hour ago and hasn't ended. */
async function fillPeople(trx: Db, { customers, now }: Omit<Filling, "like">): Promise<void> {
  const users = Math.min(customers, mostUsers);
  const begun = Math.min(customers, mostOfPeople);
  const [then, later] = [-1, 24].map((hours) => sql.lit(new Date(now + hours * hourMs).toISOString()));
  const [thenMs, laterMs] = [-1, 24].map((hours) => sql.lit(now + hours * hourMs));
  const insert = (columns: string, count: number, values: RawBuilder<unknown>) =>
    sql`insert into ${sql.raw(columns)} ${upTo(count)} select ${values} from numbers`.execute(trx);
  const user = sql`'quiet-user-' || (i % ${sql.lit(users)})`;
  await insert(
    "users (id, email, name, role, is_active, email_notifications, created_at, updated_at)",
    users,
    sql`${user}, 'quiet-user-' || i || '@example.com', 'Quiet ' || i, 'member', 1, 0, ${then}, ${then}`,
  );
  await insert("memberships (user_id, customer_id)", customers, sql`${user}, 'quiet-' || i`);
  await insert(
    "sessions (id, token_hash, user_id, created_at, last_seen_at, expires_at)",
    begun,
    sql`'quiet-' || i, 'quiet-' || i, ${user}, ${then}, ${then}, ${later}`,
  );
  await insert(
    "refresh_tokens (token_hash, session_id, expires_at_ms)",
    begun,
    sql`'quiet-' || i, 'quiet-' || i, ${laterMs}`,
  );
  await insert(
    "one_time_links (id, kind, token_hash, user_id, created_at, expires_at)",
    begun,
    sql`'quiet-' || i, 'reset', 'quiet-' || i, ${user}, ${then}, ${later}`,
  );
  await insert(
    "sign_in_failures (key_hash, failures, last_at_ms)",
    begun,
    sql`'quiet-' || i, 1, ${sql.lit(now)}`,
  );
  await insert(
    "notices (user_id, customer_id, kind, created_at_ms, claimed_until_ms, attempts, sent_at_ms)",
    customers,
    sql`${user}, 'quiet-' || i, 'connection_lost', ${thenMs}, ${thenMs}, 1, ${thenMs}`,
  );
}
