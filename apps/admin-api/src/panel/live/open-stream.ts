import { type EventStream, openEventStream } from "@cita/http";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { SessionCaller, SessionStore } from "../../people/session-store.ts";
import { viewerOf } from "../viewer.ts";

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

/** The stream of a page that somebody looks at. */
export type LiveStream = Pick<EventStream, "signal"> & {
  /** Sends an unnamed message, which htmx swaps into the page. */
  send(data: string): void;
  /**
   * Calls `act` with who is looking: the person's role may be another since the stream began. Where the session has ended,
   * the stream is ended instead.
   */
  forCaller(act: (caller: SessionCaller) => Promise<void>): Promise<void>;
  onFailure(error: unknown): void;
};

/** Makes the function that opens streams, a bounded number for each session. All are closed when the service stops. */
export function createOpenStream(app: FastifyInstance, sessions: Pick<SessionStore, "findById">) {
  /** With the session of each. */
  const open = new Map<EventStream, string>();
  let isStopping = false;
  app.addHook("preClose", async () => {
    isStopping = true;
    for (const stream of open.keys()) stream.close();
  });

  /** @throws TooManyStreamsError */
  return (request: FastifyRequest, reply: FastifyReply): LiveStream => {
    const { sessionId } = viewerOf(request).caller;
    const ofSession = [...open.values()].filter((session) => session === sessionId);
    if (ofSession.length >= maxOfSession) throw new TooManyStreamsError();
    const findCaller = () => sessions.findById(sessionId);
    const stream = openEventStream(reply, { isStillAllowed: async () => (await findCaller()) !== undefined });
    // The session may have been looked up while the other streams were closed.
    if (isStopping) stream.close();
    if (!stream.signal.aborted) {
      open.set(stream, sessionId);
      stream.signal.addEventListener("abort", () => open.delete(stream));
    }
    return {
      send: (data) => stream.send({ data }),
      signal: stream.signal,
      async forCaller(act) {
        const caller = await findCaller();
        if (caller === undefined) stream.end();
        else await act(caller);
      },
      onFailure: (err) => request.log.warn({ err }, "a live page is behind"),
    };
  };
}
