import { activityKinds } from "@cita/events/kinds";
import { z } from "zod";
import { customerId } from "./customer.ts";
import { pageLimit } from "./url-values.ts";

/** `GET /activity` and `GET /customers/:customer_id/activity`: entries newest first, without tokens, codes and links. */
export const activityQuery = z.strictObject({
  limit: pageLimit(50),
  cursor: z.string().max(200).optional().meta({ description: "next_cursor of the page before." }),
});
export type ActivityQuery = z.infer<typeof activityQuery>;

const activityView = z.object({
  id: z.number().int().meta({ description: "Later activities have higher ids." }),
  at: z.iso.datetime(),
  customer_id: customerId.nullable().meta({ description: "null: it is about the platform itself." }),
  // A text, so that a newer version's kinds pass.
  kind: z.string().meta({ enum: activityKinds }),
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
