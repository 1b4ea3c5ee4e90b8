import { EventCursorError } from "@cita/events";
import { openEventStream } from "@cita/http";
import { organizationId, userId } from "@cita/integrations-api";
import type { FastifyPluginAsyncZod } from "@fastify/type-provider-zod";
import websocket from "@fastify/websocket";
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import type { BelongsTo } from "../access/caller.ts";
import type { PeopleApi } from "../access/people-api.ts";
import { errorResponses } from "../answers/error-responses.ts";
import { followFeed } from "./follow-feed.ts";
import type { IdentifyViewer } from "./identify-viewer.ts";
import type { LiveConnection, Watched } from "./live-connection.ts";
import type { LiveFeed, PlacedMessage } from "./live-feed.ts";
import { createOpenConnections, type Place } from "./open-connections.ts";
import { maySee, renewViewer, type Viewer } from "./viewer.ts";
import { openWebSocket } from "./web-socket.ts";

export type LiveRoutesOptions = {
  readonly feed: LiveFeed;
  readonly identifyViewer: IdentifyViewer;
  readonly people: Pick<PeopleApi, "findSignedIn">;
  readonly belongsTo: BelongsTo;
};

const query = z.strictObject({
  ticket: z.string().max(200).optional().meta({ description: "Of `POST /api/auth/tickets` of admin-api." }),
  after: z.string().max(200).optional().meta({
    description: "The `id` of the last message: what has happened since is told first. Default: from now on.",
  }),
  organizationId: organizationId.optional().meta({ description: "Only what is this customer's." }),
  userId: userId.optional().meta({ description: "Only what this person has connected." }),
});

type Query = z.output<typeof query>;

/** What is known of a request once it may watch. */
type Start = { readonly viewer: Viewer; readonly place: Place; readonly after: string };

const decorator = "liveStart";
const described = { tags: ["Live events"], security: [{ adminKey: [] }, { accessToken: [] }] };

/** Nothing that comes is read. */
const maxIncomingBytes = 1_024;

/** What happens, while somebody watches: as Server-Sent Events and over a WebSocket. */
export const liveRoutes: FastifyPluginAsyncZod<LiveRoutesOptions> = async (app, options) => {
  const { identifyViewer, feed } = options;
  const connections = createOpenConnections(app);
  await app.register(websocket, { options: { maxPayload: maxIncomingBytes } });
  app.decorateRequest(decorator, null);

  app.addHook<{ Querystring: Query }>("preHandler", async (request, reply) => {
    const viewer = await identifyViewer(request, reply, request.query.ticket);
    const place = connections.reserve(viewer);
    try {
      request.setDecorator<Start>(decorator, { viewer, place, after: await findStart(feed, request) });
    } catch (error) {
      place.giveBack();
      throw error;
    }
  });

  /** @param open the transport */
  function follow(request: FastifyRequest, open: (watched: Watched) => LiveConnection): void {
    const { place, after, ...start } = request.getDecorator<Start>(decorator);
    let { viewer } = start;
    const isStillAllowed = async () => {
      const renewed = await renewViewer(viewer, options.people);
      viewer = renewed ?? viewer;
      return renewed !== undefined;
    };
    const connection = followFeed({
      ...{ feed, after },
      open: ({ position }) => open({ position, isStillAllowed }),
      isWanted: async (message) =>
        isAskedFor(request.query as Query, message) && maySee(viewer, message.owner, options.belongsTo),
      onFailure: (err) => request.log.warn({ err }, "a live connection is behind"),
    });
    place.take(connection);
  }

  app.get(
    "/events",
    {
      // A HEAD request would wait for the end of the stream.
      exposeHeadRoute: false,
      schema: {
        ...described,
        operationId: "watchEvents",
        summary: "What happens, as Server-Sent Events",
        description:
          "Each event has a name and JSON data: `oauth_connected`, `oauth_error`, `token_refreshed`, " +
          "`integration.disconnected`, `integration.synced`. People see their own, and their customers'. `Last-Event-ID` " +
          "goes on where a connection ended: an `id` without an event comes at the begin and now and then. The event " +
          "`ended` says that the session has.",
        querystring: query,
        response: { ...errorResponses },
      },
    },
    (request, reply) => {
      const { origin } = request.headers;
      if (origin !== undefined)
        reply.headers({
          "access-control-allow-origin": origin,
          "access-control-allow-credentials": "true",
          vary: "origin",
        });
      follow(request, (watched) => {
        const stream = openEventStream(reply, watched);
        return {
          ...stream,
          send: ({ id, event, data }) => stream.send({ id, event, data: JSON.stringify(data) }),
        };
      });
    },
  );

  app.get("/ws", { websocket: true, schema: { hide: true, querystring: query } }, (socket, request) =>
    follow(request, (watched) => openWebSocket(socket, watched)),
  );
};

/** Where the stream begins. One of a log that was replaced can't be gone on from: it begins now. */
async function findStart(feed: LiveFeed, request: FastifyRequest<{ Querystring: Query }>): Promise<string> {
  const after = request.headers["last-event-id"] ?? request.query.after;
  if (typeof after !== "string") return feed.now();
  try {
    await feed.readAfter(after);
    return after;
  } catch (error) {
    if (error instanceof EventCursorError && error.code === "event_log_changed") return feed.now();
    throw error;
  }
}

function isAskedFor(asked: Query, { owner }: PlacedMessage): boolean {
  return (
    (asked.organizationId === undefined || asked.organizationId === owner.organizationId) &&
    (asked.userId === undefined || asked.userId === owner.userId)
  );
}
