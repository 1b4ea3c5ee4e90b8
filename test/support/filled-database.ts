import { openDatabase } from "@cita/database";
import { createLogger } from "@cita/process";
import { sql } from "kysely";
import { openStorage } from "../../apps/mcp-calendar/src/storage/open-storage.ts";
import { openStored } from "./stored-connections.ts";

type Filling = {
  readonly encryptionKey: string;
  readonly customers: number;
  /** Customers, of these, with a consent link that nobody has used. */
  readonly links: number;
};

const dayMs = 86_400_000;

/**
 * Adds customers to a database of mcp-calendar in SQLite, which is made where there is none: each with a sealed
 * connection, two bookings, a schedule and three events. Links are issued as the service issues them.
 */
export async function fillDatabase(url: string, { encryptionKey, customers, links }: Filling): Promise<void> {
  const storage = await openStorage({
    databaseUrl: url,
    encryptionKeys: encryptionKey,
    reconnectLinkMs: dayMs,
    logger: createLogger("silent"),
    now: Date.now,
  });
  for (let i = 0; i < links; i++) {
    const customerId = `quiet-${i}`;
    await storage.store.consentLinks.issue({
      ...{ customerId, customerEmail: `${customerId}@example.com`, customerName: "Quiet" },
      lifetimeMs: dayMs,
    });
  }
  await storage.db.destroy();
  await openStored(url).addConnections(encryptionKey, customers);
  await addRows(url, customers);
}

async function addRows(url: string, customers: number): Promise<void> {
  const db = openDatabase(url);
  const numbers = (times: number) =>
    sql`with recursive numbers(i) as (select 0 union all select i + 1 from numbers where i < ${customers * times - 1})`;
  const start = Date.parse("2027-01-18T15:00:00Z");
  const at = "2026-11-29T12:00:00.000Z";
  await db.transaction().execute(async (trx) => {
    await sql`insert into bookings (id, customer_id, status, start_ms, end_ms, held_until_ms, blocked_from_ms,
        blocked_until_ms, seat, sequence, event_id, time_zone, service, attendee_name, request_hash, created_at, updated_at)
      ${numbers(2)} select printf('%032x', i), 'quiet-' || (i / 2), 'confirmed', ${start} + i % 2 * 3600000,
        ${start} + i % 2 * 3600000 + 1800000, 0, ${start} + i % 2 * 3600000, ${start} + i % 2 * 3600000 + 1800000, 0,
        (select coalesce(max(sequence), 0) from bookings) + i + 1, 'event' || i, 'America/Bogota', 'Corte ✂️ "á"',
        'Ana Ñ. ' || i, 'hash', ${at}, ${at} from numbers`.execute(trx);
    await sql`insert into schedules (customer_id, schedule, updated_at)
      ${numbers(1)} select 'quiet-' || i, '{"time_zone":null}', ${at} from numbers`.execute(trx);
    await sql`insert into events (at, customer_id, kind, data) ${numbers(3)}
      select ${at}, 'quiet-' || (i / 3), 'link_revoked', '{"link_id":1,"because":"renewed"}' from numbers`.execute(
      trx,
    );
  });
  await db.destroy();
}
