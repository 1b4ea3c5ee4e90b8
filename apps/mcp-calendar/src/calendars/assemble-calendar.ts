import {
  type BusyQuestion,
  type BusyTimes,
  type Calendar,
  type CalendarCapabilities,
  CalendarError,
  type CallOptions,
  type EventMove,
  type EventVersion,
  type Invitation,
  type NewEvent,
  type OwnEvent,
  type OwnEventKey,
  type Removal,
  type RetiredEvent,
  shortSpan,
  type WrittenEvent,
} from "./calendar.ts";
import type { CalendarUse } from "./provider-calendar.ts";
import type { UpstreamPolicy } from "./upstream/upstream-policy.ts";

/** What a provider's folder implements; the rest of the contract is the same for every provider. */
export type CalendarParts<Call> = Pick<CalendarUse, "onReading" | "observe"> & {
  readonly capabilities: CalendarCapabilities;
  readonly policy: UpstreamPolicy;
  /** How many requests the reading of one calendar takes. Default: 1. */
  readonly requestsPerReading?: number;
  readonly readCalendars: ReadCalendars;
  /** Sends one request to the provider. */
  readonly call: Call;
  /** As `call`, with the customer's access token of now. */
  keepAccess(customerId: string): Promise<Call>;
  readonly ownEvents: OwnEvents<Call>;
  readonly now: () => number;
};

export type CalendarReading = Pick<BusyTimes, "timeZone" | "busy">;

/** The busy times of each of a customer's calendars, or why it can't be read; both by the calendar's id. */
export type CalendarReadings = {
  readonly readings: ReadonlyMap<string, CalendarReading>;
  readonly failures: ReadonlyMap<string, unknown>;
};

/** Reads every calendar of a question, whichever of them fails. */
export type ReadCalendars = (question: BusyQuestion, callOptions: CallOptions) => Promise<CalendarReadings>;

/** Whose event it is, and how it is asked for. */
export type OwnEventCall<Call> = {
  readonly call: Call;
  readonly customerId: string;
  readonly callOptions: CallOptions;
};

/** See the methods of `Calendar` by the same names. */
export type OwnEvents<Call> = {
  insertEvent(from: OwnEventCall<Call>, event: NewEvent): Promise<WrittenEvent>;
  inviteAttendee(from: OwnEventCall<Call>, invitation: Invitation): Promise<boolean>;
  findEvent(from: OwnEventCall<Call>, event: OwnEventKey, timeZone: string): Promise<OwnEvent>;
  moveEvent(from: OwnEventCall<Call>, move: EventMove): Promise<boolean>;
  touchEvent(from: OwnEventCall<Call>, event: EventVersion): Promise<boolean>;
  removeEvent(from: OwnEventCall<Call>, event: EventVersion): Promise<Removal>;
  retireEvent(from: OwnEventCall<Call>, event: RetiredEvent): Promise<void>;
};

/** The calendar contract of a provider, from its parts. */
export function assembleCalendar<Call>(parts: CalendarParts<Call>): Calendar {
  const { capabilities, policy, requestsPerReading = 1, call, keepAccess, ownEvents, now } = parts;
  const readCalendars = withOneAhead(parts);
  const readBusy = createReadBusy({ ...parts, readCalendars });
  const timed = createTimer(parts.observe);
  const from = (customerId: string, callOptions: CallOptions = {}) => ({ call, customerId, callOptions });
  return {
    findCapabilities: async () => capabilities,
    reserve: async (customerId, { readings, ofEvents }) =>
      policy.reserve(customerId, readings * requestsPerReading + ofEvents),
    readBusy: (question, options) => timed("read_busy", readBusy(question, options)),
    findFailures: (customerId, calendars) =>
      // The metric keeps the name that dashboards know.
      timed("find_troubles", findFailures(readCalendars, { customerId, span: shortSpan(now()), calendars })),
    insertEvent: (customerId, event, options) =>
      timed("insert_event", ownEvents.insertEvent(from(customerId, options), event)),
    inviteAttendee: (customerId, invitation, options) =>
      timed("invite_attendee", ownEvents.inviteAttendee(from(customerId, options), invitation)),
    findEvent: (customerId, event, timeZone, options) =>
      timed("find_event", ownEvents.findEvent(from(customerId, options), event, timeZone)),
    moveEvent: (customerId, move, options) =>
      timed("move_event", ownEvents.moveEvent(from(customerId, options), move)),
    touchEvent: (customerId, event, options) =>
      timed("touch_event", ownEvents.touchEvent(from(customerId, options), event)),
    removeEvent: (customerId, event, options) =>
      timed("remove_event", ownEvents.removeEvent(from(customerId, options), event)),
    retireEvent: (customerId, event, options) =>
      timed("retire_event", ownEvents.retireEvent(from(customerId, options), event)),
    async keepAccess(customerId) {
      const kept = await keepAccess(customerId);
      return {
        retireEvent: (event, options) =>
          timed("retire_event", ownEvents.retireEvent({ ...from(customerId, options), call: kept }, event)),
      };
    },
  };
}

/**
 * Reads one calendar before the others where a breaker is open: its request is the probe, and the others would be refused
 * if they were sent beside it.
 */
function withOneAhead({
  policy,
  readCalendars,
}: Pick<CalendarParts<unknown>, "policy" | "readCalendars">): ReadCalendars {
  return async (question, callOptions) => {
    const { customerId, calendars } = question;
    if (calendars.length < 2 || policy.mayRunAtOnce(customerId)) return readCalendars(question, callOptions);
    // The primary calendar's failure concerns the whole account.
    const ahead = calendars.includes("primary") ? "primary" : calendars[0];
    const read = (ids: readonly string[]) => readCalendars({ ...question, calendars: ids }, callOptions);
    const first = await read(calendars.filter((id) => id === ahead));
    const others = await read(calendars.filter((id) => id !== ahead));
    return {
      readings: new Map([...first.readings, ...others.readings]),
      failures: new Map([...first.failures, ...others.failures]),
    };
  };
}

type ReadBusyParts = Pick<CalendarParts<unknown>, "readCalendars" | "onReading" | "now">;

function createReadBusy({ readCalendars, onReading, now }: ReadBusyParts): Calendar["readBusy"] {
  return async ({ customerId, span, calendars }, { reservation } = {}) => {
    if (!calendars.includes("primary"))
      throw new TypeError("The primary calendar must be among those that are read.");
    const question = { customerId, span, calendars };
    const readAt = now();
    const { readings, failures } = await readCalendars(question, { reservation });
    const primary = readings.get("primary");
    await onReading?.({ question, readAt, timeZone: primary?.timeZone, failures });
    // The primary calendar's failure concerns the whole account, and may be the cause of the others.
    if (failures.size > 0 || primary === undefined)
      throw failures.get("primary") ?? [...failures.values()][0];
    const busy = calendars.flatMap((calendarId) => readings.get(calendarId)?.busy ?? []);
    return { timeZone: primary.timeZone, readAt, busy };
  };
}

async function findFailures(
  readCalendars: ReadCalendars,
  question: BusyQuestion,
): Promise<ReadonlyMap<string, CalendarError>> {
  const { failures } = await readCalendars(question, {});
  return new Map(
    [...failures].map(([id, error]) => {
      if (!(error instanceof CalendarError)) throw error;
      return [id, error];
    }),
  );
}

/** Measures each call of the calendar with its repetitions and a refresh of the access token. */
function createTimer(observe: CalendarUse["observe"]) {
  return async <T>(operation: string, call: Promise<T>): Promise<T> => {
    const begunAt = performance.now();
    let outcome = "ok";
    try {
      return await call;
    } catch (error) {
      outcome = error instanceof CalendarError ? error.code : "fault";
      throw error;
    } finally {
      observe?.({ operation, outcome, seconds: (performance.now() - begunAt) / 1_000 });
    }
  };
}
