import { setTimeout as sleep } from "node:timers/promises";
import { openDatabase } from "@cita/database";
import { sql } from "kysely";

/** A time that was taken by what somebody still had to settle. */
export type BlockedTime = {
  readonly bookingId: string;
  /** How many instances had it, one after the other. */
  readonly instances: number;
  readonly ms: number;
};

type Row = { readonly booking_id: string; readonly instance_id: string };

/** Watches in the ledger for how long holds and cancellations are in the hands of instances. */
export function watchBlockedTimes(databaseUrl: string) {
  const db = openDatabase(databaseUrl, { mustExist: true });
  const select = sql<Row>`
    select id as booking_id, coalesce(cancelling_instance_id, instance_id) as instance_id from bookings
      where status in ('held', 'abandoned') or cancelling_instance_id is not null`;
  const blocked = new Map<string, { since: number; instances: Set<string> }>();
  const ended: BlockedTime[] = [];
  let isStopped = false;

  async function look(): Promise<void> {
    const { rows } = await select.execute(db);
    const at = performance.now();
    for (const { booking_id, instance_id } of rows) {
      const known = blocked.get(booking_id) ?? { since: at, instances: new Set() };
      blocked.set(booking_id, known);
      known.instances.add(instance_id);
    }
    const still = new Set(rows.map(({ booking_id }) => booking_id));
    for (const [bookingId, { since, instances }] of blocked) {
      if (still.has(bookingId)) continue;
      ended.push({ bookingId, instances: instances.size, ms: Math.round(at - since) });
      blocked.delete(bookingId);
    }
  }

  const watching = (async () => {
    while (!isStopped) {
      await look();
      await sleep(50);
    }
    await look();
    await db.destroy();
  })();

  return {
    /** To be called once nothing is unsettled. @returns all, the longest first. */
    async stop(): Promise<BlockedTime[]> {
      isStopped = true;
      await watching;
      return ended.toSorted((a, b) => b.ms - a.ms);
    },
  };
}
