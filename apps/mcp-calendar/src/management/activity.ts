import type { ActivityPage, ActivityQuery } from "@cita/calendar-api";
import { type EventLog, readEvent, type StoredEvent } from "@cita/events";
import { activityKinds } from "@cita/events/kinds";
import { createPageCursor, cutPage } from "@cita/http";
import { type ActivityLookUps, findShown, type Shown, toDetail } from "./activity-detail.ts";

/** What admin-api may know of what has happened. */
export type CustomerActivity = {
  /** Without a customer: of everybody. @throws InvalidCursorError */
  page(query: ActivityQuery, customerId?: string): Promise<ActivityPage>;
};

type Deps = ActivityLookUps & { readonly events: Pick<EventLog, "page"> };

export function createCustomerActivity({ events, ...lookUps }: Deps): CustomerActivity {
  return {
    async page({ limit, cursor }, customerId) {
      const before = cursor === undefined ? undefined : idCursor.read(cursor);
      const found = await events.page({ customerId, before, kinds: activityKinds, limit: limit + 1 });
      const { shown, next_cursor } = cutPage(found, limit, ({ id }) => idCursor.write(id));
      const known = await findShown(lookUps, shown);
      return { activity: shown.map((event) => toEntry(event, known)), next_cursor };
    },
  };
}

function toEntry(event: StoredEvent, shown: Shown): ActivityPage["activity"][number] {
  const { id, at, customerId: customer_id, kind } = event;
  const body = readEvent(event);
  return {
    id,
    at,
    customer_id,
    kind,
    detail: body === undefined ? {} : toDetail({ ...event, ...body }, shown),
  };
}

const idCursor = createPageCursor<number>({
  write: String,
  read: (text) => (Number.isSafeInteger(Number(text)) && Number(text) >= 1 ? Number(text) : undefined),
});
