import { setImmediate as yieldToOthers } from "node:timers/promises";
import type { CustomerRemoval } from "@cita/calendar-api";
import { type Database, exclusively } from "@cita/database";
import { type RawBuilder, sql } from "kysely";
import { bookingsKey, isOfCustomer } from "../bookings/ledger/conditions.ts";
import { type ManagedConnections, UnknownCustomerError } from "../management/connections.ts";
import type { RemovedCustomers } from "./removed-customers.ts";

/**
 * Removes everything about a customer, at the provider and in every table. Calling it again removes what an earlier call
 * has left.
 * @param addedAt since when admin-api had the customer. What is under way for it since then adds nothing any more.
 * @throws BookingInProgressError
 */
export type RemoveCustomer = (customerId: string, addedAt?: string) => Promise<CustomerRemoval>;

/** An event may be on its way into the calendar, and only the row of its booking has its id. */
export class BookingInProgressError extends Error {
  override readonly name = "BookingInProgressError";
  readonly code = "booking_in_progress";
  readonly statusCode = 409;
  constructor() {
    super("A booking is being written for this customer. Repeat the request in some seconds.");
  }
}

type Deps = {
  db: Database;
  connections: Pick<ManagedConnections, "disconnect">;
  removedCustomers: Pick<RemovedCustomers, "add">;
  now: () => number;
};

type Kind = keyof CustomerRemoval["removed"];

/** Other writers wait for one statement. */
const maxRowsPerStatement = 500;

/**
 * How long an abandoned hold keeps its customer from being removed, while the sweeper tries to settle it. Afterwards the
 * hold's event, if there is one, stays in the business's own calendar, as all other events do.
 */
const settlingMs = 120_000;

const byCustomer = (customerId: string) => sql<boolean>`customer_id = ${customerId}`;
const byLink = (customerId: string) =>
  sql<boolean>`link_id in (select id from consent_links where customer_id = ${customerId})`;

/**
 * The rows about a customer, in the order of their removal: rows that give access come first, so that no row is added to
 * a table after its turn. A test compares this list with the tables of the database.
 */
const customerRows = [
  { kind: "connections", table: "oauth_tokens", key: "provider", isOf: byCustomer },
  { kind: "agent_keys", table: "agent_keys", key: "id", isOf: byCustomer },
  { kind: "consent_attempts", table: "consent_attempts", key: "id", isOf: byLink },
  { kind: "links", table: "consent_links", key: "id", isOf: byCustomer },
  { kind: "schedules", table: "schedules", key: "customer_id", isOf: byCustomer },
  { kind: "counted_changes", table: "attendee_changes", key: "id", isOf: byCustomer },
  { kind: "bookings", table: "bookings", key: "id", isOf: isOfCustomer },
  { kind: "activity", table: "events", key: "id", isOf: byCustomer },
] as const satisfies readonly CustomerRows[];

type CustomerRows = {
  readonly kind: Kind;
  readonly table: string;
  /** A column with another value in each of a customer's rows. */
  readonly key: string;
  readonly isOf: (customerId: string) => RawBuilder<boolean>;
};

export function createRemoveCustomer({ db, connections, removedCustomers, now }: Deps): RemoveCustomer {
  return async (customerId, addedAt) => {
    await expectNothingWritten(db, customerId, now());
    if (addedAt !== undefined) await removedCustomers.add(customerId, addedAt);
    const disconnected = await connections.disconnect(customerId).catch((error: unknown) => {
      if (error instanceof UnknownCustomerError) return undefined;
      throw error;
    });
    // A range may have been held during the request to the provider. From here on none can be: `LedgerDeps.mayHold`.
    await exclusively(db, bookingsKey(customerId), (trx) => expectNothingWritten(trx, customerId, now()));
    const counts: Partial<Record<Kind, number>> = {};
    for (const rows of customerRows) counts[rows.kind] = await removeRows(db, rows, customerId);
    // `disconnect` has deleted the connection before `removeRows` could count it.
    const connectionCount = (counts.connections ?? 0) + (disconnected?.disconnected ? 1 : 0);
    return {
      customer_id: customerId,
      revoked_at_provider: disconnected?.revoked_at_provider ?? false,
      note: disconnected?.note ?? null,
      removed: { ...(counts as Record<Kind, number>), connections: connectionCount },
    };
  };
}

async function removeRows(db: Database, rows: CustomerRows, customerId: string): Promise<number> {
  const [table, key, isOf] = [sql.table(rows.table), sql.ref(rows.key), rows.isOf(customerId)];
  const page = sql`select ${key} from ${table} where ${isOf} limit ${maxRowsPerStatement}`;
  const removePage = sql`delete from ${table} where ${isOf} and ${key} in (${page})`;
  for (let removed = 0; ; await yieldToOthers()) {
    const { numAffectedRows = 0n } = await removePage.execute(db);
    removed += Number(numAffectedRows);
    if (numAffectedRows < maxRowsPerStatement) return removed;
  }
}

/** @throws BookingInProgressError while a hold is written, and while an abandoned one may still be settled. */
async function expectNothingWritten(db: Database, customerId: string, now: number): Promise<void> {
  const settledUntil = new Date(now - settlingMs).toISOString();
  const { rows } = await sql`select 1 from bookings where ${isOfCustomer(customerId)}
    and (status = 'held' or (status = 'abandoned' and created_at > ${settledUntil})) limit 1`.execute(db);
  if (rows.length > 0) throw new BookingInProgressError();
}
