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
import {
  type Alternative,
  type AuthorizeRequest,
  type AuthorizeResponse,
  authorizeResponse,
  type ConnectionSummary,
  type ConnectionView,
  connectionView,
  type DisconnectResponse,
  disconnectResponse,
  errorResponse,
  summariesResponse,
} from "./contract.ts";
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

/** Typed calls of mcp-calendar's management API. Every method throws CalendarApiError. */
export type CalendarApiClient = {
  authorize(request: AuthorizeRequest): Promise<AuthorizeResponse>;
  connection(customerId: string): Promise<ConnectionView>;
  connections(customerIds: readonly string[]): Promise<ConnectionSummary[]>;
  disconnect(customerId: string): Promise<DisconnectResponse>;
  schedule(customerId: string): Promise<Schedule>;
  /** `body` is passed on as it is: the calendar service names everything that is wrong with it. */
  replaceSchedule(customerId: string, body: unknown): Promise<Schedule>;
  bookings(customerId: string, query: BookingsQuery): Promise<BookingsPage>;
  /** Cancelling again, or moving to where it already is, answers the same again. */
  cancelBooking(customerId: string, bookingId: string): Promise<BookingView>;
  rescheduleBooking(customerId: string, bookingId: string, to: RescheduleRequest): Promise<BookingView>;
  /** What is kept of one person's appointments, soonest first. */
  exportAttendee(
    customerId: string,
    attendee: AttendeeIdentifiers,
    query: AttendeeExportQuery,
  ): Promise<AttendeeExport>;
  eraseAttendee(customerId: string, attendee: AttendeeIdentifiers): Promise<AttendeeErasure>;
  /** Removes everything about a customer. Also where there is nothing: what is half done is finished by it. */
  removeCustomer(customerId: string): Promise<CustomerRemoval>;
  /** What has happened, newest first: to everybody, or to one customer. */
  activity(query: ActivityQuery, customerId?: string): Promise<ActivityPage>;
  agentKeys(owner: AgentKeyOwner): Promise<AgentKeysResponse>;
  createAgentKey(owner: AgentKeyOwner, request: CreateAgentKeyRequest): Promise<NewAgentKeyView>;
  revokeAgentKey(owner: AgentKeyOwner, keyId: number): Promise<AgentKeyView>;
  /** Resolves when mcp-calendar is ready to serve. */
  ready(): Promise<void>;
  /** The same client, whose requests carry the id of the request they are part of. */
  forRequest(requestId: string): CalendarApiClient;
};

/**
 * The calendar service refused or didn't answer. `code` is its own code, or one of ours about the way there:
 * `calendar_service_unavailable` when it couldn't be reached or answered nonsense,
 * `calendar_service_misconfigured` when it isn't there or doesn't take our key, and `calendar_service_busy` when
 * we are to wait.
 */
export class CalendarApiError extends Error {
  override readonly name = "CalendarApiError";
  readonly code: string;
  readonly statusCode: number;
  readonly problems: readonly string[] | undefined;
  readonly alternatives: readonly Alternative[] | undefined;
  /** How long to wait, where it says so. */
  readonly retryAfterSeconds: number | undefined;
  constructor(code: string, statusCode: number, message: string, options: CalendarApiErrorOptions = {}) {
    super(message, options);
    this.code = code;
    this.statusCode = statusCode;
    this.problems = options.problems;
    this.alternatives = options.alternatives;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

type CalendarApiErrorOptions = ErrorOptions & {
  problems?: readonly string[] | undefined;
  alternatives?: readonly Alternative[] | undefined;
  retryAfterSeconds?: number;
};

type ClientOptions = { baseUrl: string; serviceKey: string; timeoutMs?: number; requestId?: string };
type Call<Schema extends z.ZodType> = {
  method: string;
  path: string;
  body?: unknown;
  answer: Schema;
  /** Default: the client's. */
  timeoutMs?: number;
};

/** A change waits for the calendar, and for another change of the same booking. */
const changeTimeoutMs = 45_000;

/** Years of rows go in short statements, and the provider may let the revocation wait. */
const erasingTimeoutMs = 120_000;

const customerPath = (customerId: string) => `/customers/${encodeURIComponent(customerId)}`;

export function createCalendarApiClient(options: ClientOptions): CalendarApiClient {
  const connectionPath = (customerId: string) => `${customerPath(customerId)}/connection`;
  const bookingsPath = (customerId: string, query: BookingsQuery) =>
    `${customerPath(customerId)}/bookings?${searchOf(query)}`;
  const bookingPath = (customerId: string, bookingId: string) =>
    `${customerPath(customerId)}/bookings/${encodeURIComponent(bookingId)}`;
  const changeBooking = (path: string, body?: RescheduleRequest) =>
    call({ method: "POST", path, body, answer: bookingView, timeoutMs: changeTimeoutMs });
  const activityPath = (query: ActivityQuery, customerId: string | undefined) =>
    `${customerId === undefined ? "" : customerPath(customerId)}/activity?${searchOf(query)}`;
  const agentKeysPath = (owner: AgentKeyOwner) =>
    `${owner === "platform" ? "" : customerPath(owner.customerId)}/agent-keys`;
  const schedulePath = (customerId: string) => `${customerPath(customerId)}/schedule`;

  async function call<Schema extends z.ZodType>(request: Call<Schema>): Promise<z.output<Schema>> {
    const response = await send(options, request);
    // A proxy in front may answer either, with a page of its own.
    if (response.status === 401) throw await discarding(response, keyRefused);
    if (response.status === 429) throw await discarding(response, busy(response.headers));
    const body = await response.json().catch((cause: unknown) => {
      throw unavailable(cause);
    });
    if (!response.ok) throw refusal(body);
    const answer = request.answer.safeParse(body);
    if (!answer.success) throw unavailable(answer.error);
    return answer.data;
  }

  return {
    authorize: (body) => call({ method: "POST", path: "/oauth/authorize", body, answer: authorizeResponse }),
    connection: (id) => call({ method: "GET", path: connectionPath(id), answer: connectionView }),
    connections: async (ids) => {
      const body = { customer_ids: ids };
      return (await call({ method: "POST", path: "/connections/query", body, answer: summariesResponse }))
        .connections;
    },
    disconnect: (id) => call({ method: "DELETE", path: connectionPath(id), answer: disconnectResponse }),
    schedule: (id) => call({ method: "GET", path: schedulePath(id), answer: schedule }),
    replaceSchedule: (id, body) => call({ method: "PUT", path: schedulePath(id), body, answer: schedule }),
    bookings: (id, query) => call({ method: "GET", path: bookingsPath(id, query), answer: bookingsPage }),
    cancelBooking: (id, bookingId) => changeBooking(`${bookingPath(id, bookingId)}/cancel`),
    rescheduleBooking: (id, bookingId, to) => changeBooking(`${bookingPath(id, bookingId)}/reschedule`, to),
    ...personalDataCalls(call),
    activity: (query, id) => call({ method: "GET", path: activityPath(query, id), answer: activityPage }),
    agentKeys: (owner) => call({ method: "GET", path: agentKeysPath(owner), answer: agentKeysResponse }),
    createAgentKey: (owner, body) =>
      call({ method: "POST", path: agentKeysPath(owner), body, answer: newAgentKeyView }),
    revokeAgentKey: (owner, keyId) =>
      call({ method: "DELETE", path: `${agentKeysPath(owner)}/${keyId}`, answer: agentKeyView }),
    ready: async () => {
      const response = await send(options, { method: "GET", path: "/ready" });
      await response.body?.cancel();
      if (!response.ok) throw unavailable();
    },
    forRequest: (requestId) => createCalendarApiClient({ ...options, requestId }),
  };
}

type MakeCall = <Schema extends z.ZodType>(request: Call<Schema>) => Promise<z.output<Schema>>;
type PersonalDataCalls = Pick<CalendarApiClient, "exportAttendee" | "eraseAttendee" | "removeCustomer">;

function personalDataCalls(call: MakeCall): PersonalDataCalls {
  const attendeesPath = (customerId: string, action: "export" | "erase") =>
    `${customerPath(customerId)}/attendees/${action}`;
  return {
    exportAttendee: (id, body, query) =>
      call({
        method: "POST",
        path: `${attendeesPath(id, "export")}?${searchOf(query)}`,
        body,
        answer: attendeeExport,
      }),
    eraseAttendee: (id, body) =>
      call({
        method: "POST",
        path: attendeesPath(id, "erase"),
        body,
        answer: attendeeErasure,
        timeoutMs: erasingTimeoutMs,
      }),
    removeCustomer: (id) =>
      call({
        method: "DELETE",
        path: customerPath(id),
        answer: customerRemoval,
        timeoutMs: erasingTimeoutMs,
      }),
  };
}

function searchOf(query: BookingsQuery | ActivityQuery | AttendeeExportQuery): URLSearchParams {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  return new URLSearchParams(given.map(([name, value]) => [name, `${value}`]));
}

async function send(
  { baseUrl, serviceKey, requestId, timeoutMs = 10_000 }: ClientOptions,
  { method, path, body, timeoutMs: callTimeoutMs = timeoutMs }: Omit<Call<z.ZodType>, "answer">,
): Promise<Response> {
  const headers = {
    authorization: `Bearer ${serviceKey}`,
    ...(requestId !== undefined && { "x-request-id": requestId }),
    ...(body !== undefined && { "content-type": "application/json" }),
  };
  try {
    return await fetch(`${baseUrl}${path}`, {
      method,
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
      redirect: "error",
      signal: AbortSignal.timeout(callTimeoutMs),
    });
  } catch (cause) {
    throw unavailable(cause);
  }
}

async function discarding(response: Response, error: () => CalendarApiError): Promise<CalendarApiError> {
  await response.body?.cancel();
  return error();
}

function refusal(body: unknown): CalendarApiError {
  const error = errorResponse.safeParse(body);
  if (!error.success) return unavailable(error.error);
  const { code, statusCode, message, problems, alternatives } = error.data;
  // Not a customer that isn't there, but the path itself.
  if (code === "not_found") return notThere();
  return new CalendarApiError(code, statusCode, message, { problems, alternatives });
}

function unavailable(cause?: unknown): CalendarApiError {
  return new CalendarApiError(
    "calendar_service_unavailable",
    502,
    "The calendar service did not answer. Try again in a moment.",
    { cause },
  );
}

function misconfigured(message: string): CalendarApiError {
  return new CalendarApiError("calendar_service_misconfigured", 502, message);
}

const keyRefused = () =>
  misconfigured(
    "The calendar service doesn't take our service key: CALENDAR_SERVICE_KEY differs between the two services.",
  );

const notThere = () =>
  misconfigured(
    "The calendar service's management paths aren't at CALENDAR_URL: where MANAGEMENT_HOST and MANAGEMENT_PORT are set, it has to name those.",
  );

const mostWaitSeconds = 3_600;
const usualWaitSeconds = 60;

/** The right key is never held back, so that either keys differ or something between us counts requests. */
function busy(headers: Headers): () => CalendarApiError {
  const given = Number(headers.get("retry-after") ?? Number.NaN);
  const retryAfterSeconds = given >= 0 && given <= mostWaitSeconds ? Math.ceil(given) : usualWaitSeconds;
  return () =>
    new CalendarApiError(
      "calendar_service_busy",
      503,
      "The calendar service takes no more requests from here for now. Wait as long as Retry-After says. If it stays so, see whether CALENDAR_SERVICE_KEY differs between the two services.",
      { retryAfterSeconds },
    );
}
