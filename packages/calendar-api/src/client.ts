import type { z } from "zod";
import { type ActivityPage, type ActivityQuery, activityPage } from "./activity.ts";
import {
  type AgentKeyOwner,
  type AgentKeysResponse,
  type AgentKeyView,
  agentKeysResponse,
  agentKeyView,
  type CreateAgentKeyRequest,
  type NewAgentKeyView,
  newAgentKeyView,
} from "./agent-keys.ts";
import {
  type BookingsPage,
  type BookingsQuery,
  type BookingView,
  bookingsPage,
  bookingView,
  type RescheduleRequest,
} from "./bookings.ts";
import { toCalendarApiError, unavailableError } from "./client-error.ts";
import {
  type AuthorizeRequest,
  type AuthorizeResponse,
  authorizeResponse,
  type ConnectionSummary,
  type ConnectionView,
  connectionView,
  type DisconnectResponse,
  disconnectResponse,
  summariesResponse,
} from "./connections.ts";
import { customerAddedAtHeader } from "./customer.ts";
import { type EventsPage, type EventsQuery, eventsPage } from "./events.ts";
import {
  type AttendeeErasure,
  type AttendeeExport,
  type AttendeeExportQuery,
  type AttendeeIdentifiers,
  attendeeErasure,
  attendeeExport,
  type CustomerRemoval,
  customerRemoval,
} from "./personal-data.ts";
import { type Schedule, schedule } from "./schedule.ts";

type ClientOptions = {
  /** Where the management paths are, without a trailing slash. */
  readonly baseUrl: string;
  readonly serviceKey: string;
  /** How long one request may take. Default: 10 seconds. */
  readonly timeoutMs?: number | undefined;
  /** The id that requests carry as `x-request-id`. */
  readonly requestId?: string;
  /** Since when the customer of the requests has been there. */
  readonly customerAddedAt?: string | undefined;
};

/**
 * Typed calls of mcp-calendar's management API, one request each. Every method throws CalendarApiError. `@throws` lists
 * the calendar service's own codes; the codes of CalendarApiError itself are possible everywhere.
 */
export type CalendarApiClient = {
  /**
   * The customer's consent link and the state of its connection. An unknown customer becomes known.
   * @throws `customer_removed`, as the other methods that store something new of a customer do
   */
  issueConsentLink(request: AuthorizeRequest): Promise<AuthorizeResponse>;
  /** @throws `unknown_customer` */
  connection(customerId: string): Promise<ConnectionView>;
  /** @param customerIds at most 500. Those that are unknown are left out of the answer. */
  connections(customerIds: readonly string[], signal?: AbortSignal): Promise<ConnectionSummary[]>;
  /** @throws `unknown_customer` */
  disconnect(customerId: string): Promise<DisconnectResponse>;
  /** The default where none was set. */
  schedule(customerId: string): Promise<Schedule>;
  /**
   * @param body passed on as it is: the calendar service names everything that is wrong with it.
   * @throws `invalid_schedule` with `problems`
   */
  replaceSchedule(customerId: string, body: unknown): Promise<Schedule>;
  /** @throws `invalid_cursor` */
  bookings(customerId: string, query: BookingsQuery): Promise<BookingsPage>;
  /**
   * Cancelling a cancelled booking returns it.
   * @throws `booking_not_found`, `booking_changed`, `too_soon`, or a code of the calendar
   */
  cancelBooking(customerId: string, bookingId: string): Promise<BookingView>;
  /**
   * Moving a booking to its present time returns it.
   * @throws `slot_taken` with `alternatives`, `outside_hours`, `too_soon`, `too_far`, `invalid_time`,
   * `booking_not_found`, `booking_changed`, or a code of the calendar
   */
  rescheduleBooking(customerId: string, bookingId: string, to: RescheduleRequest): Promise<BookingView>;
  /**
   * Everything that is stored of one attendee's bookings, soonest first.
   * @throws `invalid_phone`, `invalid_cursor`
   */
  exportAttendee(
    customerId: string,
    attendee: AttendeeIdentifiers,
    query: AttendeeExportQuery,
  ): Promise<AttendeeExport>;
  /** @throws `invalid_phone`, `bookings_ahead`: then nothing was erased */
  eraseAttendee(customerId: string, attendee: AttendeeIdentifiers): Promise<AttendeeErasure>;
  /**
   * Removes everything about a customer. Repeating it, even for an unknown customer, finishes a removal that failed.
   * @throws `booking_in_progress`
   */
  removeCustomer(customerId: string): Promise<CustomerRemoval>;
  /**
   * Activity, newest first: of one customer, or of all.
   * @throws `invalid_cursor`
   */
  activity(query: ActivityQuery, customerId?: string): Promise<ActivityPage>;
  /**
   * Events after a cursor; without one, the cursor of now. Waits for `wait` seconds where there are none.
   * @throws `invalid_cursor`, `event_log_changed`
   */
  events(query: EventsQuery, signal?: AbortSignal): Promise<EventsPage>;
  agentKeys(owner: AgentKeyOwner): Promise<AgentKeysResponse>;
  /** @throws `too_many_agent_keys` */
  createAgentKey(owner: AgentKeyOwner, request: CreateAgentKeyRequest): Promise<NewAgentKeyView>;
  /** @throws `agent_key_not_found` */
  revokeAgentKey(owner: AgentKeyOwner, keyId: number): Promise<AgentKeyView>;
  /** Resolves where mcp-calendar is ready to serve, else rejects. */
  ready(): Promise<void>;
  /** A client whose requests carry this id as `x-request-id`. */
  forRequest(requestId: string): CalendarApiClient;
  /**
   * A client for requests about one customer. What it stores is refused once this customer was removed, whatever is added
   * with the same id later.
   */
  forCustomer(customer: { readonly created_at: string } | undefined): CalendarApiClient;
};

/** A change waits for the calendar's provider, and for another change of the same booking. */
const changeTimeoutMs = 45_000;

/** Years of rows are deleted in short statements, and the provider may delay the revocation. */
const erasingTimeoutMs = 120_000;

/** Beyond the time that a reader of events lets the service wait. */
const eventsTimeoutMs = 10_000;

export function createCalendarApiClient(options: ClientOptions): CalendarApiClient {
  return {
    ...connectionCalls(options),
    ...bookingCalls(options),
    ...personalDataCalls(options),
    ...agentKeyCalls(options),

    activity: (query, customerId) => {
      const of = customerId === undefined ? "" : customerPath(customerId);
      return sendRequest(options, {
        method: "GET",
        path: `${of}/activity?${toSearch(query)}`,
        answer: activityPage,
      });
    },

    events: (query, signal) =>
      sendRequest(options, {
        method: "GET",
        path: `/internal/events?${toSearch(query)}`,
        answer: eventsPage,
        timeoutMs: Number(query.wait ?? 0) * 1_000 + eventsTimeoutMs,
        signal,
      }),

    async ready() {
      const response = await send(options, { method: "GET", path: "/ready" });
      await response.body?.cancel();
      if (!response.ok) throw unavailableError();
    },

    forRequest: (requestId) => createCalendarApiClient({ ...options, requestId }),

    forCustomer: (customer) => createCalendarApiClient({ ...options, customerAddedAt: customer?.created_at }),
  };
}

type Calls<Name extends keyof CalendarApiClient> = Pick<CalendarApiClient, Name>;

function connectionCalls(
  options: ClientOptions,
): Calls<"issueConsentLink" | "connection" | "connections" | "disconnect" | "schedule" | "replaceSchedule"> {
  const connectionPath = (customerId: string) => `${customerPath(customerId)}/connection`;
  const schedulePath = (customerId: string) => `${customerPath(customerId)}/schedule`;
  return {
    issueConsentLink: (body) =>
      sendRequest(options, { method: "POST", path: "/oauth/authorize", body, answer: authorizeResponse }),
    connection: (id) =>
      sendRequest(options, { method: "GET", path: connectionPath(id), answer: connectionView }),
    connections: async (customerIds, signal) => {
      const body = { customer_ids: customerIds };
      const request = { method: "POST", path: "/connections/query", body, signal } as const;
      return (await sendRequest(options, { ...request, answer: summariesResponse })).connections;
    },
    disconnect: (id) =>
      sendRequest(options, { method: "DELETE", path: connectionPath(id), answer: disconnectResponse }),
    schedule: (id) => sendRequest(options, { method: "GET", path: schedulePath(id), answer: schedule }),
    replaceSchedule: (id, body) =>
      sendRequest(options, { method: "PUT", path: schedulePath(id), body, answer: schedule }),
  };
}

function bookingCalls(options: ClientOptions): Calls<"bookings" | "cancelBooking" | "rescheduleBooking"> {
  const bookingsPath = (customerId: string) => `${customerPath(customerId)}/bookings`;
  const changeBooking = (path: string, body?: RescheduleRequest) =>
    sendRequest(options, { method: "POST", path, body, answer: bookingView, timeoutMs: changeTimeoutMs });
  return {
    bookings: (id, query) =>
      sendRequest(options, {
        method: "GET",
        path: `${bookingsPath(id)}?${toSearch(query)}`,
        answer: bookingsPage,
      }),
    cancelBooking: (id, bookingId) =>
      changeBooking(`${bookingsPath(id)}/${encodeURIComponent(bookingId)}/cancel`),
    rescheduleBooking: (id, bookingId, to) =>
      changeBooking(`${bookingsPath(id)}/${encodeURIComponent(bookingId)}/reschedule`, to),
  };
}

function personalDataCalls(
  options: ClientOptions,
): Calls<"exportAttendee" | "eraseAttendee" | "removeCustomer"> {
  const erasing = { answer: attendeeErasure, timeoutMs: erasingTimeoutMs };
  const removing = { answer: customerRemoval, timeoutMs: erasingTimeoutMs };
  return {
    exportAttendee: (id, body, query) => {
      const path = `${customerPath(id)}/attendees/export?${toSearch(query)}`;
      return sendRequest(options, { method: "POST", path, body, answer: attendeeExport });
    },
    eraseAttendee: (id, body) =>
      sendRequest(options, { method: "POST", path: `${customerPath(id)}/attendees/erase`, body, ...erasing }),
    removeCustomer: (id) => sendRequest(options, { method: "DELETE", path: customerPath(id), ...removing }),
  };
}

function agentKeyCalls(options: ClientOptions): Calls<"agentKeys" | "createAgentKey" | "revokeAgentKey"> {
  const keysPath = (owner: AgentKeyOwner) =>
    `${owner === "platform" ? "" : customerPath(owner.customerId)}/agent-keys`;
  return {
    agentKeys: (owner) =>
      sendRequest(options, { method: "GET", path: keysPath(owner), answer: agentKeysResponse }),
    createAgentKey: (owner, body) =>
      sendRequest(options, { method: "POST", path: keysPath(owner), body, answer: newAgentKeyView }),
    revokeAgentKey: (owner, keyId) =>
      sendRequest(options, { method: "DELETE", path: `${keysPath(owner)}/${keyId}`, answer: agentKeyView }),
  };
}

function customerPath(customerId: string): string {
  return `/customers/${encodeURIComponent(customerId)}`;
}

function toSearch(query: BookingsQuery | ActivityQuery | AttendeeExportQuery | EventsQuery): URLSearchParams {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  return new URLSearchParams(given.map(([name, value]) => [name, `${value}`]));
}

type ApiRequest = {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  readonly body?: unknown;
  /** Default: the client's. */
  readonly timeoutMs?: number;
  /** Ends the request. */
  readonly signal?: AbortSignal | undefined;
};

/**
 * Sends a request and parses the response by the contract.
 * @throws CalendarApiError
 */
async function sendRequest<Schema extends z.ZodType>(
  options: ClientOptions,
  { answer, ...request }: ApiRequest & { readonly answer: Schema },
): Promise<z.output<Schema>> {
  const response = await send(options, request);
  if (!response.ok) throw await toCalendarApiError(response);
  const body = await response.json().catch((cause: unknown) => {
    throw unavailableError(cause);
  });
  const result = answer.safeParse(body);
  if (!result.success) throw unavailableError(result.error);
  return result.data;
}

async function send(
  { baseUrl, serviceKey, requestId, customerAddedAt, timeoutMs = 10_000 }: ClientOptions,
  { method, path, body, timeoutMs: requestTimeoutMs = timeoutMs, signal }: ApiRequest,
): Promise<Response> {
  const headers = {
    authorization: `Bearer ${serviceKey}`,
    ...(requestId !== undefined && { "x-request-id": requestId }),
    ...(customerAddedAt !== undefined && { [customerAddedAtHeader]: customerAddedAt }),
    ...(body !== undefined && { "content-type": "application/json" }),
  };
  try {
    return await fetch(`${baseUrl}${path}`, {
      method,
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
      redirect: "error",
      signal: AbortSignal.any([
        AbortSignal.timeout(requestTimeoutMs),
        ...(signal === undefined ? [] : [signal]),
      ]),
    });
  } catch (cause) {
    throw unavailableError(cause);
  }
}
