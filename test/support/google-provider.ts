import { calendarProviders } from "../../apps/mcp-calendar/src/calendar-providers.ts";
import { calendarOpeners } from "../../apps/mcp-calendar/src/calendars/open-calendars.ts";
import { googleEvents } from "./google-event-variants.ts";
import { googleFaults } from "./google-faults.ts";
import { controlSandbox, googleVariables, startSandbox } from "./local-google.ts";
import { signInOwner } from "./owner.ts";
import { createProviderCalls, type ProviderCall } from "./provider-calls.ts";
import type { StoredEvent, TestedProvider } from "./tested-provider.ts";

const events = "/calendar/v3/calendars/primary/events";

export const googleProvider: TestedProvider = {
  id: "google",
  name: "Google",
  definitions: calendarProviders,
  calendarOpeners,
  main: "apps/mcp-calendar/src/main.ts",
  endpoints: {
    list: { method: "GET", path: events },
    get: { method: "GET", path: `${events}/` },
    insert: { method: "POST", path: events },
    patch: { method: "PATCH", path: `${events}/` },
    delete: { method: "DELETE", path: `${events}/` },
    token: { method: "POST", path: "/token" },
    revoke: { method: "POST", path: "/revoke" },
  },
  apiPath: "/calendar/v3",
  unknownEvent: { status: 404 },
  tokenRefusal: { status: 401 },
  accountRefusal: { status: 403, body: { error: { errors: [{ reason: "notACalendarUser" }] } } },
  faults: googleFaults,
  requestsPerReading: 1,
  meetLinks: /^https:\/\/meet\.google\.com\//,
  accountParameter: "login_hint",
  rotatesStrictly: false,
  retiring: ["delete", "insert", "delete"],
  createCalls: createGoogleCalls,
  async start(t, calls, options) {
    const { now = Date.now, rotateRefreshTokens = false, stateFile } = options;
    const google = await startSandbox(t, calls, { now, rotateRefreshTokens, stateFile });
    return { url: google.apiUrl, variables: googleVariables(google), google };
  },
  async readEvents(url, email) {
    const { events } = await controlSandbox(url, "GET", `events?email=${email}`);
    return (events as SandboxEvent[]).flatMap(toStored).sort((a, b) => a.start - b.start);
  },
  signInOwner,
  toAccountEvents: (events) => events.map(({ title, ...times }) => ({ summary: title, ...times })),
  variedEvents: googleEvents,
};

/** The calls to a local Google. */
export function createGoogleCalls() {
  return createProviderCalls(findGoogleCall);
}

const calendarPath = /^\/calendar\/v3\/calendars\/[^/]+\/events(?<event>\/[^/?]+)?/;

function findGoogleCall({ method, path }: { method: string; path: string }): ProviderCall | undefined {
  if (method === "POST" && path === "/token") return "token";
  const match = calendarPath.exec(path);
  if (match === null) return undefined;
  if (method === "GET") return match.groups?.event === undefined ? "list" : "get";
  if (method === "POST") return "insert";
  return method === "PATCH" ? "patch" : "delete";
}

type SandboxEvent = {
  id: string;
  status: string;
  summary?: string;
  start: { dateTime: string };
  end: { dateTime: string };
  attendees?: { email: string }[];
  extendedProperties?: { private?: { cita_booking_id?: string } };
};

function toStored({
  id,
  status,
  summary = "",
  start,
  end,
  attendees = [],
  extendedProperties,
}: SandboxEvent): StoredEvent[] {
  if (status === "cancelled") return [];
  const bookingId = extendedProperties?.private?.cita_booking_id ?? null;
  return [
    {
      id,
      title: summary,
      start: Date.parse(start.dateTime),
      end: Date.parse(end.dateTime),
      bookingId,
      guests: attendees.map(({ email }) => email),
    },
  ];
}
