import type { FastifyPluginAsyncZod } from "@fastify/type-provider-zod";
import { ForbiddenError } from "../access/guard-routes.ts";
import { callerOf } from "../access/identify-caller.ts";
import { authErrorResponses } from "../openapi/error-responses.ts";
import { streamTicketResponse } from "./schemas.ts";
import { type StreamTickets, ticketSeconds } from "./stream-tickets.ts";

export type StreamTicketRoutesOptions = { readonly streamTickets: Pick<StreamTickets, "make"> };

/** For whoever is signed in: what opens a live stream of another service from a browser. */
export const streamTicketRoutes: FastifyPluginAsyncZod<StreamTicketRoutesOptions> = async (
  app,
  { streamTickets },
) => {
  app.post(
    "/api/auth/tickets",
    {
      config: { access: { action: "list_customers" } },
      schema: {
        tags: ["Signing in"],
        security: [{ accessToken: [] }, { session: [] }],
        operationId: "makeStreamTicket",
        summary: "Make a ticket for a live stream",
        description:
          "For `EventSource` and WebSocket, which send no header: `GET /events?ticket=` and `/ws?ticket=` of the " +
          "integration service. It counts once, and for a minute.",
        response: { 201: streamTicketResponse, ...authErrorResponses },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      // A program has a key, which it sends in a header.
      if (caller.kind === "program") throw new ForbiddenError();
      const ticket = await streamTickets.make(caller.sessionId);
      return reply.code(201).send({ ticket, expires_in: ticketSeconds });
    },
  );
};
