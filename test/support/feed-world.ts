import { setTimeout as sleep } from "node:timers/promises";
import { type Database, openDatabase } from "@cita/database";
import type { EventBody } from "@cita/events";
import { sql } from "kysely";
import type { Test } from "tap";
import { type Command, runScript } from "./command.ts";
import { freePort } from "./free-port.ts";
import type { CalendarProcess, ProcessWorld } from "./process-world.ts";
import { adminKey, serviceKey } from "./test-keys.ts";

export type StoredEvent = { id: number; customer_id: string; at: string; kind: string; data: unknown };
export type StoredState = {
  customer_id: string;
  status: string;
  calendar_state: string | null;
  event_id: number | null;
};

const at = "2027-01-18T14:00:00.000Z";

/** admin-api as a process beside a calendar service, with both databases at hand. */
export async function createFeedWorld(t: Test, world: ProcessWorld, calendar: CalendarProcess) {
  const open = (file: string) => {
    const db = openDatabase(`file:${world.folder}/data/${file}`);
    t.teardown(() => db.destroy());
    return db;
  };
  const port = await freePort();
  const startAdmin = (): Command =>
    runScript(t, "apps/admin-api/src/main.ts", {
      cwd: world.folder,
      env: {
        ...{ ADMIN_PORT: `${port}`, ADMIN_API_KEY: adminKey, CALENDAR_SERVICE_KEY: serviceKey },
        ...{ CALENDAR_URL: calendar.url },
      },
    });
  // The first start makes the database, and the snapshot of no customers.
  const first = startAdmin();
  await first.printed("Server listening");
  const [events, admin] = [open("calendar.db"), open("admin.db")];
  while ((await readCursor(admin)) === undefined) await sleep(10);
  await first.end("SIGKILL");
  return { startAdmin, events, admin };
}

/** Up to which event the states are, by the cursor stored with them. */
export async function readCursor(admin: Database): Promise<number | undefined> {
  const { rows } = await sql<{
    cursor: string;
  }>`select cursor from event_cursor where is_complete = 1`.execute(admin);
  const [row] = rows;
  if (row === undefined) return undefined;
  return Number(Buffer.from(row.cursor, "base64url").toString().split(".")[1]);
}

/** What one moment has of the states and of the place that they are read up to. */
export function readStates(admin: Database): Promise<{ cursor: number | undefined; states: StoredState[] }> {
  return admin.transaction().execute(async (trx) => ({
    cursor: await readCursor(trx),
    states: (await sql<StoredState>`select * from customer_states order by customer_id`.execute(trx)).rows,
  }));
}

export async function addCustomers(admin: Database, ids: readonly string[]): Promise<void> {
  await sql`insert into customers (customer_id, customer_email, customer_name, created_at, updated_at)
    select value, value || '@example.com', value, ${at}, ${at}
    from json_each(${JSON.stringify(ids)})`.execute(admin);
}

/** Appends events as the calendar service would. */
export async function appendEvents(
  events: Database,
  happened: readonly { customerId: string; body: EventBody }[],
): Promise<void> {
  await sql`insert into events (at, customer_id, kind, data) select ${at}, value ->> 'customerId',
    value ->> '$.body.kind', value -> '$.body.data' from json_each(${JSON.stringify(happened)}) order by key`.execute(
    events,
  );
}

export async function readEvents(events: Database): Promise<StoredEvent[]> {
  const { rows } = await sql<StoredEvent & { data: string }>`select * from events order by id`.execute(
    events,
  );
  return rows.map((row) => ({ ...row, data: JSON.parse(row.data) }));
}
