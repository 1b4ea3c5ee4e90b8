import type { ActivityPage, ActivityQuery } from "@cita/calendar-api";
import type { ActivityLog } from "../activity/activity-log.ts";
import { InvalidCursorError } from "./bookings-cursor.ts";

/** What admin-api may know of what has happened. */
export type CustomerActivity = {
  /** Without a customer: of everybody. @throws InvalidCursorError */
  page(query: ActivityQuery, customerId?: string): Promise<ActivityPage>;
};

export function createCustomerActivity(log: ActivityLog): CustomerActivity {
  return {
    async page({ limit, cursor }, customerId) {
      const before = cursor === undefined ? undefined : readCursor(cursor);
      const found = await log.page({ customerId, before, most: limit + 1 });
      const shown = found.slice(0, limit);
      const last = shown.at(-1);
      return {
        activity: shown.map(({ customerId, ...entry }) => ({ ...entry, customer_id: customerId })),
        next_cursor: found.length > limit && last !== undefined ? writeCursor(last.id) : null,
      };
    },
  };
}

function writeCursor(id: number): string {
  return Buffer.from(String(id)).toString("base64url");
}

function readCursor(cursor: string): number {
  const id = Number(Buffer.from(cursor, "base64url").toString());
  // Decoding skips what isn't base64url, and a number can be written in several ways.
  if (!Number.isSafeInteger(id) || id < 1 || writeCursor(id) !== cursor) throw new InvalidCursorError();
  return id;
}
