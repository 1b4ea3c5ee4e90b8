import type { FastifyRequest } from "fastify";
import { type RequestParams, single } from "../../request-params.ts";
import { type Accounts, findCalendar } from "../accounts.ts";
import type { Grants } from "../oauth/grants.ts";
import type { EventStore } from "./event-store.ts";
import { GoogleError, notFound } from "./google-error.ts";

const CALENDAR = "https://www.googleapis.com/auth/calendar";
const WRITE_SCOPES = [CALENDAR, `${CALENDAR}.events`];
const READ_SCOPES = [...WRITE_SCOPES, `${CALENDAR}.readonly`, `${CALENDAR}.events.readonly`];
const REALM = 'Bearer realm="https://accounts.google.com/"';
const CREDENTIAL_HINT =
  "Expected OAuth 2 access token, login cookie or other valid authentication credential. " +
  "See https://developers.google.com/identity/sign-in/web/devconsole-project.";

/** Finds the calendar a request is about, or refuses it as Google does (401, 403, 404). */
export type CalendarAccess = (request: FastifyRequest, need: "read" | "write", method: string) => EventStore;

export function createCalendarAccess(grants: Grants, accounts: Accounts): CalendarAccess {
  return (request, need, method) => {
    const session = grants.findAccessToken(bearerToken(request));
    const account = session && accounts.find(session.email);
    if (!session || !account) throw invalidCredentials();
    const accepted = need === "write" ? WRITE_SCOPES : READ_SCOPES;
    if (!accepted.some((scope) => session.scopes.has(scope))) throw insufficientScope(method, accepted);
    const { calendarId } = request.params as { calendarId: string };
    const calendar = findCalendar(account, calendarId);
    if (!calendar) throw notFound();
    return calendar;
  };
}

/** Where Google looks for it. */
export function findBearerToken(request: FastifyRequest): string | undefined {
  const header = request.headers.authorization;
  return header
    ? /^Bearer +(\S+)$/i.exec(header)?.[1]
    : single(request.query as RequestParams, "access_token");
}

function bearerToken(request: FastifyRequest): string {
  const token = findBearerToken(request);
  if (token) return token;
  if (request.headers.authorization) throw invalidCredentials();
  throw new GoogleError(
    401,
    "required",
    `Request is missing required authentication credential. ${CREDENTIAL_HINT}`,
    {
      detailMessage: "Login Required.",
      location: "Authorization",
      locationType: "header",
      status: "UNAUTHENTICATED",
      headers: { "www-authenticate": REALM },
    },
  );
}

function invalidCredentials(): GoogleError {
  return new GoogleError(
    401,
    "authError",
    `Request had invalid authentication credentials. ${CREDENTIAL_HINT}`,
    {
      detailMessage: "Invalid Credentials",
      location: "Authorization",
      locationType: "header",
      status: "UNAUTHENTICATED",
      headers: { "www-authenticate": `${REALM}, error="invalid_token"` },
    },
  );
}

function insufficientScope(method: string, accepted: string[]): GoogleError {
  return new GoogleError(403, "insufficientPermissions", "Request had insufficient authentication scopes.", {
    detailMessage: "Insufficient Permission",
    status: "PERMISSION_DENIED",
    details: [
      {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        reason: "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
        domain: "googleapis.com",
        metadata: { service: "calendar-json.googleapis.com", method: `calendar.v3.Events.${method}` },
      },
    ],
    headers: {
      "www-authenticate": `${REALM}, error="insufficient_scope", scope="${accepted.join(" ")}"`,
    },
  });
}
