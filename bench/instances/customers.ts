import { openDatabase } from "@cita/database";
import { generateFernetKey } from "@cita/token-store";
import { sql } from "kysely";
import { migrationSets } from "../../apps/mcp-calendar/src/storage/migrations.ts";
import { addCalendarCustomers } from "../../test/support/quiet-customers.ts";
import { connectCustomer } from "../connect-customer.ts";
import { send, sendJson } from "../http-client.ts";
import { type BookingSupply, createBookingSupply } from "../mcp/booking-supply.ts";
import { temporaryFolder } from "../processes.ts";
import { launchService, type Server, serviceKey, untilReady } from "../servers.ts";

/** A database with so many customers, some of whom are asked for. */
export type FilledDatabase = {
  readonly customers: number;
  /** Those who are asked for. */
  readonly active: readonly string[];
  /** Each call books a slot of an active customer that no other call books. */
  readonly bookings: BookingSupply;
  /** What one of many takes in the database, with its indexes, in bytes. */
  readonly bytes: Room;
  /** Starts an instance, and waits until it serves. */
  launch(): Promise<Server>;
};

export type Room = { readonly customer: number; readonly booking: number; readonly event: number };

type Parts = {
  readonly databaseUrl: string;
  readonly customers: number;
  readonly active: number;
  readonly googleUrl: string;
};

/** The active ones are connected as businesses are. The others are as if they had been, with bookings and events. */
export async function fillDatabase({
  databaseUrl,
  customers,
  active,
  googleUrl,
}: Parts): Promise<FilledDatabase> {
  const service = {
    folder: temporaryFolder(),
    encryptionKey: generateFernetKey(),
    googleUrl,
    variables: { DATABASE_URL: databaseUrl },
  };
  const launch = async () => {
    const server = await launchService(service);
    await untilReady(server);
    return server;
  };
  // All databases have one Google, and an account there is one customer's.
  const ids = Array.from({ length: active }, (_, i) => `bench-${i}-of-${customers}`);
  const server = await launch();
  for (const id of ids) await connectWithEmptyCalendar(server.url, googleUrl, id);
  await sendJson({
    ...asAdmin,
    method: "PUT",
    url: `${server.url}/customers/${ids[0]}/schedule`,
    body: "{}",
  });
  const bookings = await createBookingSupply(server.url, ids);
  await addCalendarCustomers(databaseUrl, { customers, like: `${ids[0]}`, now: Date.now() });
  const bytes = await measureRoom(databaseUrl);
  await server.process.stop();
  return { customers, active: ids, bookings, bytes, launch };
}

const asAdmin = { headers: { authorization: `Bearer ${serviceKey}`, "content-type": "application/json" } };

async function connectWithEmptyCalendar(
  serviceUrl: string,
  googleUrl: string,
  customerId: string,
): Promise<void> {
  const account = { email: `${customerId}@example.com`, time_zone: "America/Bogota", events: [] };
  const url = `${googleUrl}/_sandbox/accounts`;
  const made = await send({ ...asAdmin, method: "POST", url, body: JSON.stringify(account) });
  if (made.status !== 201) throw new Error(`${url} answered ${made.status}: ${made.text}`);
  await connectCustomer(serviceUrl, customerId);
}

/** Only true where there are far more customers than bookings of the active ones. */
async function measureRoom(databaseUrl: string): Promise<Room> {
  const db = openDatabase(databaseUrl);
  const perRow = async (owner: string, tables: readonly string[]) => {
    const names = sql.join(tables);
    const size = databaseUrl.startsWith("file:")
      ? sql`select sum(pgsize) from dbstat where name in (select name from sqlite_schema where tbl_name in (${names}))`
      : sql`select sum(pg_total_relation_size(oid)) from pg_class
          where relkind = 'r' and relnamespace = current_schema()::regnamespace and relname in (${names})`;
    const { rows } = await sql<{ bytes: number }>`
      select cast((${size}) / (select count(*) from ${sql.table(owner)}) as integer) as bytes`.execute(db);
    return rows[0]?.bytes ?? Number.NaN;
  };
  const tables = migrationSets.flatMap((set) => Object.keys(set.tables));
  const room = {
    customer: await perRow("oauth_tokens", tables),
    booking: await perRow("bookings", ["bookings"]),
    event: await perRow("events", ["events"]),
  };
  await db.destroy();
  return room;
}
