import { z } from "zod";
import { customerId } from "./customer.ts";
import { pageLimit, seconds } from "./url-values.ts";

/** How long `GET /internal/events` may wait, in seconds: less than proxies let a silent connection live. */
const maxEventWaitSeconds = 30;

/**
 * `GET /internal/events`: what has happened after a cursor, oldest first. With an empty `after`: from the beginning. Without
 * `after`: the cursor of now.
 */
export const eventsQuery = z.strictObject({
  after: z.string().max(200).optional(),
  /** How many seconds to wait where there are no events. */
  wait: seconds(maxEventWaitSeconds).default(0),
  limit: pageLimit(100, 1_000),
});
export type EventsQuery = z.input<typeof eventsQuery>;

const feedEvent = z.object({
  /** Ascends. */
  id: z.number().int(),
  at: z.iso.datetime(),
  /** null: it is about the platform itself. */
  customer_id: customerId.nullable(),
  /** One of `@cita/events/kinds`, or a newer version's: to be passed over by who doesn't know it. */
  kind: z.string(),
  data: z.record(z.string(), z.unknown()),
});
export type FeedEvent = z.infer<typeof feedEvent>;

export const eventsPage = z.object({
  events: z.array(feedEvent),
  /** Where to read on. The same as `after` where there was nothing. */
  cursor: z.string(),
});
export type EventsPage = z.infer<typeof eventsPage>;
