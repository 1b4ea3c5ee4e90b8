import { z } from "zod";
import { customerId } from "./customer.ts";

const activityKinds = [
  "link_issued",
  "link_revoked",
  "consent_access_denied",
  "consent_scope_missing",
  "consent_wrong_account",
  "consent_no_refresh_token",
  "consent_wrong_provider",
  "consent_exchange_failed",
  "connected",
  "reconnect_required",
  "disconnected",
  "calendar_state_changed",
  "booked",
  "rescheduled",
  "cancelled",
  "bookings_stranded",
  "cancellations_stopped",
  "schedule_changed",
  "agent_key_created",
  "agent_key_revoked",
] as const;

/** `GET /activity` and `GET /customers/:customer_id/activity`: entries newest first, without tokens, codes and links. */
export const activityQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(200).optional().meta({ description: "next_cursor of the page before." }),
});
export type ActivityQuery = z.infer<typeof activityQuery>;

const activityView = z.object({
  id: z.number().int().meta({ description: "Later activities have higher ids." }),
  at: z.iso.datetime(),
  customer_id: customerId.nullable().meta({ description: "null: it is about the platform itself." }),
  kind: z.enum(activityKinds),
  detail: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))
    .meta({ description: "What more is known of it; depends on the kind." }),
});

/** A page of activity. Entries never change. */
export const activityPage = z.object({
  activity: z.array(activityView),
  next_cursor: z.string().nullable().meta({ description: "null: this was the last page." }),
});
export type ActivityPage = z.infer<typeof activityPage>;
