import { z } from "zod";
import { organizationId, userId } from "./integrations.ts";

/** `POST /events`: who is gone. It may be repeated until it has been answered. */
export const peopleEvent = z.discriminatedUnion("type", [
  z.object({ type: z.literal("user.deleted"), data: z.object({ userId }) }),
  z.object({ type: z.literal("customer.deleted"), data: z.object({ organizationId }) }),
]);

export const removedIntegrations = z.object({ removed: z.number().int() });
