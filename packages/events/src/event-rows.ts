import type { Logger } from "@cita/process";
import type { Selectable } from "kysely";
import { z } from "zod";
import { isMalformed, type StoredEvent } from "./kinds.ts";
import type { EventTables } from "./migrations.ts";

export const eventColumns = ["id", "at", "customer_id", "kind", "data"] as const;

export type EventRow = Pick<Selectable<EventTables["events"]>, (typeof eventColumns)[number]>;

const stored = z.object({
  at: z.iso.datetime(),
  data: z.string().transform((text, context) => {
    try {
      return z.record(z.string(), z.unknown()).parse(JSON.parse(text));
    } catch {
      context.addIssue({ code: "custom", message: "not a JSON object" });
      return z.NEVER;
    }
  }),
});

/** Bounds the memory. */
const maxRemembered = 10_000;

/**
 * Makes the reader of rows. A row that can't be read is left out, so that it holds up nobody. One whose data isn't its
 * kind's is read as it is, since a newer version may know it. Either is logged, once in the process.
 */
export function createRowReader(logger: Logger): (rows: readonly EventRow[]) => StoredEvent[] {
  const logged = new Set<number>();

  function logOnce({ id, kind }: EventRow, message: string): void {
    if (logged.has(id) || logged.size >= maxRemembered) return;
    logged.add(id);
    logger.error({ event_id: id, kind }, message);
  }

  return (rows) =>
    rows.flatMap((row) => {
      const read = stored.safeParse(row).data;
      if (read === undefined) {
        logOnce(row, "an event can't be read; it is passed over");
        return [];
      }
      const event = { id: row.id, customerId: row.customer_id, kind: row.kind, ...read };
      if (isMalformed(event)) logOnce(row, "an event hasn't the data of its kind; readers pass it over");
      return [event];
    });
}
