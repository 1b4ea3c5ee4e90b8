import type { FastifyPluginAsyncZod } from "@fastify/type-provider-zod";
import { z } from "zod";
import { success, successOf } from "../answers/envelope.ts";
import { errorResponses } from "../answers/error-responses.ts";
import type { RemoveOwner } from "../retention/remove-owner.ts";
import { organizationId, userId } from "./schemas.ts";

export type PeopleEventRoutesOptions = {
  readonly removeOwner: RemoveOwner;
};

const body = z.discriminatedUnion("type", [
  z.object({ type: z.literal("user.deleted"), data: z.object({ userId }) }),
  z.object({ type: z.literal("customer.deleted"), data: z.object({ organizationId }) }),
]);

/**
 * What other services tell. An employee who leaves disconnects what is their own, and no business. It may be repeated until
 * it has been answered.
 */
export const peopleEventRoutes: FastifyPluginAsyncZod<PeopleEventRoutesOptions> = async (
  app,
  { removeOwner },
) => {
  app.post(
    "/events",
    {
      schema: {
        ...{ tags: ["Events"], operationId: "receiveEvent", summary: "What other services tell" },
        security: [{ serviceKey: [] }],
        body,
        response: { 200: successOf(z.object({ removed: z.number().int() })), ...errorResponses },
      },
    },
    async ({ body: event }) => success({ removed: await removeOwner(event.data) }),
  );
};
