import { peopleEvent, removedIntegrations, successOf } from "@cita/integrations-api";
import type { FastifyPluginAsyncZod } from "@fastify/type-provider-zod";
import { success } from "../answers/envelope.ts";
import { errorResponses } from "../answers/error-responses.ts";
import type { RemoveOwner } from "../retention/remove-owner.ts";

export type PeopleEventRoutesOptions = {
  readonly removeOwner: RemoveOwner;
};

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
        body: peopleEvent,
        response: { 200: successOf(removedIntegrations), ...errorResponses },
      },
    },
    async ({ body: event }) => success({ removed: await removeOwner(event.data) }),
  );
};
