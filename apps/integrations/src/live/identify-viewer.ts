import { type Limiter, sessionCookieName } from "@cita/http";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { createFindCaller, type FindCallerOptions, refuseUnknown } from "../access/identify-caller.ts";
import type { PeopleApi } from "../access/people-api.ts";
import { IntegrationError } from "../answers/integration-error.ts";
import { renewViewer, type Viewer } from "./viewer.ts";

export type IdentifyViewerOptions = FindCallerOptions & {
  readonly people: Pick<PeopleApi, "findSignedIn">;
  /** Where admin-api is reached from outside. */
  readonly adminPublicUrl: string;
  /** Whose pages may open streams: another site could ride on the cookie. */
  readonly allowedOrigins: ReadonlySet<string>;
  /** Counts wrong keys, tickets and cookies. */
  readonly failures: Limiter;
};

export type IdentifyViewer = (
  request: FastifyRequest,
  reply: FastifyReply,
  ticket: string | undefined,
) => Promise<Viewer>;

/** What admin-api makes of 256 random bits. Anything else needn't be asked for. */
const secret = /^[\w-]{43}$/;

const whatToSend =
  "Send a ticket of POST /api/auth/tickets as ?ticket=, the panel's cookie, or a key or token as Authorization: Bearer.";

/** Finds out who watches. @throws IntegrationError `FORBIDDEN`, `UNAUTHORIZED`, `RATE_LIMITED`, `UNAVAILABLE` */
export async function createIdentifyViewer(
  app: FastifyInstance,
  options: IdentifyViewerOptions,
): Promise<IdentifyViewer> {
  const { people, allowedOrigins, failures } = options;
  const findCaller = await createFindCaller(app, options);
  const cookieName = sessionCookieName(options.adminPublicUrl);

  async function find(
    request: FastifyRequest,
    reply: FastifyReply,
    ticket: string | undefined,
  ): Promise<Viewer | undefined> {
    if (ticket !== undefined) return secret.test(ticket) ? people.findSignedIn({ ticket }) : undefined;
    if (request.headers.authorization !== undefined) {
      const caller = await findCaller(request, reply);
      // A token says who has signed in some minutes ago.
      return caller && renewViewer(caller, people);
    }
    const cookie = request.cookies[cookieName] ?? "";
    return secret.test(cookie) ? people.findSignedIn({ cookie }) : undefined;
  }

  return async (request, reply, ticket) => {
    const { origin } = request.headers;
    if (origin !== undefined && !allowedOrigins.has(origin))
      throw new IntegrationError(
        "FORBIDDEN",
        "Pages of this origin may not watch: only the panel's, and those of ALLOWED_REDIRECT_URIS.",
      );
    return (await find(request, reply, ticket)) ?? refuseUnknown(failures, request, whatToSend);
  };
}
