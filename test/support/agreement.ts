import { setTimeout as sleep } from "node:timers/promises";
import { openDatabase } from "@cita/database";
import { sql } from "kysely";
import type { ProcessWorld } from "./process-world.ts";
import type { StoredEvent } from "./tested-provider.ts";

/** A row of the ledger, read past the service. */
export type LedgerRow = {
  readonly id: string;
  readonly customer_id: string;
  readonly status: string;
  readonly event_id: string;
  readonly start_ms: number;
  readonly end_ms: number;
  readonly cancelling_instance_id: string | null;
};

/** An event that carries our mark. */
export type MarkedEvent = StoredEvent & { readonly bookingId: string };

export type Agreement = {
  rows(): Promise<LedgerRow[]>;
  /** Rows that somebody still has to settle. */
  unsettled(): Promise<LedgerRow[]>;
  /** What stands in the calendar with our mark, by time. */
  marked(customerId: string): Promise<MarkedEvent[]>;
  /** What the calendar and the ledger have and the other hasn't; empty: they agree, and nothing is unsettled. */
  differences(customers: readonly string[]): Promise<string[]>;
  /** Looks until they agree. @returns after how many milliseconds, and what was different at the end. */
  untilAgreed(customers: readonly string[], withinMs: number): Promise<{ ms: number; differences: string[] }>;
  untilSettled(withinMs: number): Promise<number>;
  close(): Promise<void>;
};

/** Compares the ledger with the calendars: without asking the service, since its looking would mend what it finds. */
export function openAgreement({ databaseUrl, events }: ProcessWorld): Agreement {
  const database = openDatabase(databaseUrl, { mustExist: true });
  const select = sql<LedgerRow>`select id, customer_id, status, event_id, start_ms, end_ms, cancelling_instance_id
    from bookings`;
  const rows = async () => (await select.execute(database)).rows;
  const unsettled = async () => (await rows()).filter(isUnsettled);

  async function marked(customerId: string): Promise<MarkedEvent[]> {
    const found = await events(customerId);
    return found.flatMap(({ bookingId, ...event }) => (bookingId === null ? [] : [{ ...event, bookingId }]));
  }

  async function differences(customers: readonly string[]): Promise<string[]> {
    const ledger = await rows();
    const found = await Promise.all(
      customers.map(async (customer) => {
        const own = ledger.filter(({ customer_id }) => customer_id === customer);
        const promised = own
          .filter(({ status }) => status === "confirmed")
          .map((row) => `${row.event_id} ${row.start_ms}-${row.end_ms}`);
        const shown = (await marked(customer)).map(({ id, start, end }) => `${id} ${start}-${end}`);
        return [
          ...own.filter(isUnsettled).map(({ id, status }) => `${customer}: ${id} is unsettled (${status})`),
          ...promised.filter((one) => !shown.includes(one)).map((one) => `${customer}: only promised ${one}`),
          ...shown.filter((one) => !promised.includes(one)).map((one) => `${customer}: only shown ${one}`),
        ];
      }),
    );
    return found.flat();
  }

  async function untilNone<T>(look: () => Promise<T[]>, withinMs: number) {
    const begun = performance.now();
    for (;;) {
      const left = await look();
      const ms = Math.round(performance.now() - begun);
      if (left.length === 0 || ms > withinMs) return { ms, left };
      await sleep(50);
    }
  }

  return {
    rows,
    unsettled,
    marked,
    differences,
    async untilAgreed(customers, withinMs) {
      const { ms, left } = await untilNone(() => differences(customers), withinMs);
      return { ms, differences: left };
    },
    async untilSettled(withinMs) {
      const { ms, left } = await untilNone(unsettled, withinMs);
      if (left.length > 0) throw new Error(`still unsettled after ${ms} ms: ${JSON.stringify(left)}`);
      return ms;
    },
    close: () => database.destroy(),
  };
}

function isUnsettled({ status, cancelling_instance_id }: LedgerRow): boolean {
  return status === "held" || status === "abandoned" || cancelling_instance_id !== null;
}
