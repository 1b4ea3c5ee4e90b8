import { type EventsPage, eventsPage, eventsQuery } from "@cita/calendar-api";
import { type EventLog, pollEvents } from "@cita/events";
import type { FastifyPluginAsyncZod } from "@fastify/type-provider-zod";
import type { z } from "zod";

type Options = { readonly events: EventLog };

/** The feed of events for other services. Who waits is answered at once when the service stops, or leaves. */
export const eventRoutes: FastifyPluginAsyncZod<Options> = async (app, { events }) => {
  const stopping = new AbortController();
  app.addHook("preClose", async () => stopping.abort());

  app.get(
    "/internal/events",
    { schema: { querystring: eventsQuery, response: { 200: eventsPage } }, logLevel: "warn" },
    async ({ query }, reply) => {
      const leaving = new AbortController();
      reply.raw.once("close", () => leaving.abort());
      if (reply.raw.destroyed) leaving.abort();
      return readFeed(events, query, AbortSignal.any([stopping.signal, leaving.signal]));
    },
  );
};

async function readFeed(
  log: EventLog,
  { after, wait, limit }: z.output<typeof eventsQuery>,
  signal: AbortSignal,
): Promise<EventsPage> {
  if (after === undefined) return { events: [], cursor: await log.now() };
  const { events, cursor } = await pollEvents(log, {
    after: after === "" ? log.beginning : after,
    ...{ limit, waitMs: wait * 1_000, signal },
  });
  return {
    events: events.map(({ customerId: customer_id, ...event }) => ({ ...event, customer_id })),
    cursor,
  };
}
