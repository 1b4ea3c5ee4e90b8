import { type Language, languages } from "@cita/scheduling";
import { toSearch, toSegment } from "@cita/service-client";
import { type ActivityPage, type ActivityQuery, activityPage } from "./activity.ts";
import { type Agenda, type AgendaQuery, agenda } from "./agenda.ts";
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
import { type ConnectionCalls, connectionCalls } from "./connection-calls.ts";
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
import { customerPath } from "./request-paths.ts";
import { type Schedule, schedule } from "./schedule.ts";
import { type PreviewRequest, type SchedulePreview, schedulePreview } from "./schedule-preview.ts";
import { type ApiRequest, type ClientOptions, send, sendForAnswer, sendRequest } from "./send-request.ts";

/** A schedule with its entity tag, which names this version of it in `If-Match`. */
export type TaggedSchedule = { readonly schedule: Schedule; readonly eTag: string };

/**
 * Typed calls of mcp-calendar's management API, one request each. Every method throws CalendarApiError. `@throws` lists
 * the calendar service's own codes; the codes of CalendarApiError itself are possible everywhere.
 */
export type CalendarApiClient = ConnectionCalls & {
  /** The default where none was set. */
  schedule(customerId: string): Promise<Schedule>;
  /** The same with its tag, for a change that is to come. */
  taggedSchedule(customerId: string): Promise<TaggedSchedule>;
  /**
   * @param body passed on as it is: the calendar service names everything that is wrong with it.
   * @param ifMatch `If-Match`: the schedule is replaced only where it is one of these.
   * @throws `invalid_schedule` with `problems`, `schedule_changed`
   */
  replaceSchedule(customerId: string, body: unknown, ifMatch?: string): Promise<TaggedSchedule>;
  /**
   * What an agent would be offered under a schedule that isn't saved.
   * @throws `invalid_schedule` with `problems`, `unknown_service`
   */
  previewSchedule(customerId: string, request: PreviewRequest): Promise<SchedulePreview>;
  /**
   * What is in the calendar on some dates, and what is free.
   * @throws `unknown_service`, `booking_not_found`, or a code of the calendar
   */
  agenda(customerId: string, query: AgendaQuery): Promise<Agenda>;
  /**
   * Sends a message to the endpoint that agents call, as an agent of this customer. What it books is booked for real.
   * @returns the answer whatever its status, since what an agent is refused is an answer too.
   */
  mcp(customerId: string, message: McpMessage): Promise<McpAnswer>;
  /** @throws `booking_not_found` */
  booking(customerId: string, bookingId: string): Promise<BookingView>;
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

/** A JSON-RPC message, and the person whom the agent serves. */
export type McpMessage = {
  readonly body: object;
  /** As `X-Attendee-Phone`; undefined: the agent serves the business itself. */
  readonly attendeePhone?: string | undefined;
};

export type McpAnswer = {
  readonly statusCode: number;
  /** In which the business's people are spoken to, and its times and refusals are written. */
  readonly language: Language;
  readonly body: unknown;
};

/** A change waits for the calendar's provider, and for another change of the same booking. */
const changeTimeoutMs = 45_000;

/** A preview reads the calendar, and gives it up before that. */
const previewTimeoutMs = 20_000;

/** Years of rows are deleted in short statements, and the provider may delay the revocation. */
const erasingTimeoutMs = 120_000;

/** Beyond the time that a reader of events lets the service wait. */
const eventsTimeoutMs = 10_000;

export function createCalendarApiClient(options: ClientOptions): CalendarApiClient {
  return {
    ...connectionCalls(options),
    ...scheduleCalls(options),
    ...bookingCalls(options),
    ...agentCalls(options),
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

type ScheduleCalls = Calls<"schedule" | "taggedSchedule" | "replaceSchedule" | "previewSchedule">;

function scheduleCalls(options: ClientOptions): ScheduleCalls {
  const schedulePath = (customerId: string) => `${customerPath(customerId)}/schedule`;
  const sendTagged = async (request: ApiRequest): Promise<TaggedSchedule> => {
    const { body, headers } = await sendForAnswer(options, { ...request, answer: schedule });
    return { schedule: body, eTag: headers.get("etag") ?? "" };
  };
  return {
    schedule: (id) => sendRequest(options, { method: "GET", path: schedulePath(id), answer: schedule }),
    taggedSchedule: (id) => sendTagged({ method: "GET", path: schedulePath(id) }),
    replaceSchedule: (id, body, ifMatch) => {
      const headers = ifMatch === undefined ? {} : { "if-match": ifMatch };
      return sendTagged({ method: "PUT", path: schedulePath(id), body, headers });
    },
    previewSchedule: (id, body) =>
      sendRequest(options, {
        method: "POST",
        path: `${schedulePath(id)}/preview`,
        body,
        answer: schedulePreview,
        timeoutMs: previewTimeoutMs,
      }),
  };
}

/** A calendar that nobody has read lately is asked for anew. */
const agendaTimeoutMs = 30_000;

function agentCalls(options: ClientOptions): Calls<"agenda" | "mcp"> {
  return {
    agenda: (id, query) =>
      sendRequest(options, {
        method: "GET",
        path: `${customerPath(id)}/agenda?${toSearch(query)}`,
        answer: agenda,
        timeoutMs: agendaTimeoutMs,
      }),
    async mcp(id, { body, attendeePhone }) {
      const headers = attendeePhone === undefined ? {} : { "x-attendee-phone": attendeePhone };
      const request = { method: "POST", path: `${customerPath(id)}/mcp`, body, headers } as const;
      const response = await send(options, { ...request, timeoutMs: changeTimeoutMs });
      if (response.status === 401 || response.status === 404) throw await toCalendarApiError(response);
      const answer: unknown = await response.json().catch((cause: unknown) => {
        throw unavailableError(cause);
      });
      const language = languages.find((one) => one === response.headers.get("content-language")) ?? "en";
      return { statusCode: response.status, language, body: answer };
    },
  };
}

function bookingCalls(
  options: ClientOptions,
): Calls<"booking" | "bookings" | "cancelBooking" | "rescheduleBooking"> {
  const bookingsPath = (customerId: string) => `${customerPath(customerId)}/bookings`;
  const changeBooking = (path: string, body?: RescheduleRequest) =>
    sendRequest(options, { method: "POST", path, body, answer: bookingView, timeoutMs: changeTimeoutMs });
  return {
    booking: (id, bookingId) =>
      sendRequest(options, {
        method: "GET",
        path: `${bookingsPath(id)}/${toSegment(bookingId)}`,
        answer: bookingView,
      }),
    bookings: (id, query) => {
      const path = `${bookingsPath(id)}?${toSearch(query)}`;
      return sendRequest(options, { method: "GET", path, answer: bookingsPage });
    },
    cancelBooking: (id, bookingId) => changeBooking(`${bookingsPath(id)}/${toSegment(bookingId)}/cancel`),
    rescheduleBooking: (id, bookingId, to) =>
      changeBooking(`${bookingsPath(id)}/${toSegment(bookingId)}/reschedule`, to),
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
