import type { ActivityPage, ActivityQuery } from "@cita/calendar-api";
import type { ActivityLog } from "../activity/activity-log.ts";
import { createPageCursor, cutPage } from "./page-cursor.ts";

/** What admin-api may know of what has happened. */
export type CustomerActivity = {
  /** Without a customer: of everybody. @throws InvalidCursorError */
  page(query: ActivityQuery, customerId?: string): Promise<ActivityPage>;
};

export function createCustomerActivity(log: ActivityLog): CustomerActivity {
  return {
    async page({ limit, cursor }, customerId) {
      const before = cursor === undefined ? undefined : idCursor.read(cursor);
      const found = await log.page({ customerId, before, limit: limit + 1 });
      const { shown, next_cursor } = cutPage(found, limit, ({ id }) => idCursor.write(id));
      return {
        activity: shown.map(({ customerId, ...entry }) => ({ ...entry, customer_id: customerId })),
        next_cursor,
      };
    },
  };
}

const idCursor = createPageCursor<number>({
  write: String,
  read: (text) => (Number.isSafeInteger(Number(text)) && Number(text) >= 1 ? Number(text) : undefined),
});
