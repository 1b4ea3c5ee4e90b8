import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { mayDo, scopeOf } from "../../access/caller.ts";
import { findConnection } from "../../customer-calendars/find-connection.ts";
import type { SessionCaller } from "../../people/session-store.ts";
import { customerRow } from "../pages/customers/customer-row.ts";
import { consentState } from "../pages/link/view.ts";
import { readOverview } from "../pages/overview/read-overview.ts";
import { overviewParts } from "../pages/overview/view.ts";
import type { PageDeps } from "../panel.ts";
import { viewerOf } from "../viewer.ts";
import { type EventStream, openEventStream } from "./event-stream.ts";
import { followCustomers } from "./follow-customers.ts";
import { keepFresh } from "./keep-fresh.ts";

/** As many as a page of the list has. */
const maxIds = 50;

/** More windows than a person looks at. Hidden ones have closed theirs. */
const maxOfSession = 20;

class TooManyStreamsError extends Error {
  override readonly name = "TooManyStreamsError";
  readonly code = "too_many_streams";
  readonly statusCode = 429;
  constructor() {
    super(`A session has ${maxOfSession} open pages that change by themselves, at most.`);
  }
}

/** A HEAD request would wait for the end of the stream. */
const options = { config: { access: { action: "list_customers" } }, exposeHeadRoute: false } as const;

type Watched = { readonly ids: readonly string[]; readonly after: number | undefined };

const watchedQuery = z.object({
  id: z
    .union([z.string(), z.array(z.string())])
    .optional()
    .transform((id) => [id ?? []].flat().slice(0, maxIds)),
  after: z.coerce.number().int().nonnegative().optional().catch(undefined),
});

/** Which customers a page shows, and the last event when it was made. */
function watchedOf(request: FastifyRequest): Watched {
  const { id: ids, after } = watchedQuery.parse(request.query);
  return { ids, after };
}

/** Streams of what changes while somebody looks at a page. */
export const liveRoutes: FastifyPluginAsync<PageDeps> = async (app, deps) => {
  const { people, customerList, calendarApi, now } = deps;
  /** With the session of each. */
  const open = new Map<EventStream, string>();
  let isStopping = false;
  app.addHook("preClose", async () => {
    isStopping = true;
    for (const stream of open.keys()) stream.close();
  });

  /** Calls `onChange` with those of the customers that have changed, until the stream has ended. */
  function follow(
    request: FastifyRequest,
    stream: EventStream,
    onChange: (caller: SessionCaller, ids: readonly string[]) => Promise<void>,
  ): void {
    const { sessionId } = viewerOf(request).caller;
    followCustomers(deps, {
      ...watchedOf(request),
      async update(changed) {
        // The session may have ended since the stream began, and the person's role may be another.
        const caller = await people.sessions.findById(sessionId);
        if (caller === undefined) stream.end();
        else await onChange(caller, changed);
      },
      onFailure: (err) => request.log.warn({ err }, "a live page is behind"),
      signal: stream.signal,
    });
  }

  const openFor = (request: FastifyRequest, reply: FastifyReply) => {
    const { sessionId } = viewerOf(request).caller;
    const ofSession = [...open.values()].filter((session) => session === sessionId);
    if (ofSession.length >= maxOfSession) throw new TooManyStreamsError();
    const isStillAllowed = async () => (await people.sessions.findById(sessionId)) !== undefined;
    const stream = openEventStream(reply, isStillAllowed);
    // The session may have been looked up while the other streams were closed.
    if (isStopping) stream.close();
    if (stream.signal.aborted) return stream;
    open.set(stream, sessionId);
    stream.signal.addEventListener("abort", () => open.delete(stream));
    return stream;
  };

  app.get("/panel/live/resumen", options, (request, reply) => {
    const viewer = viewerOf(request);
    const stream = openFor(request, reply);
    keepFresh(deps, {
      async update() {
        const caller = await people.sessions.findById(viewer.caller.sessionId);
        if (caller === undefined) stream.end();
        else stream.send(overviewParts(viewer, await readOverview(deps, caller)).html);
      },
      onFailure: (err) => request.log.warn({ err }, "a live page is behind"),
      signal: stream.signal,
    });
  });

  app.get("/panel/live/clientes", options, (request, reply) => {
    const { language } = viewerOf(request);
    const stream = openFor(request, reply);
    follow(request, stream, async (caller, changed) => {
      // What may be seen is asked anew: a membership may have ended.
      const rows = await customerList.search({ scope: scopeOf(caller), ids: changed, limit: maxIds });
      const row = {
        language,
        now: now(),
        mayMend: mayDo(caller, "change_customer", true),
        isUpdate: true,
      };
      for (const customer of rows) stream.send(customerRow(customer, row).html);
    });
  });

  app.get("/panel/live/cliente", options, (request, reply) => {
    const viewer = viewerOf(request);
    const stream = openFor(request, reply);
    follow(request, stream, async (caller, [id = ""]) => {
      const [seen] = await customerList.search({ scope: scopeOf(caller), ids: [id], limit: 1 });
      if (seen === undefined) return;
      const connection = await findConnection(calendarApi.forRequest(request.id), id);
      stream.send(consentState(viewer, { connection }).html);
    });
  });
};
