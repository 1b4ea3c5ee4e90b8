/**
 * A business's calendar: the contract (here), its implementation for each provider (`google/`), the choice of a
 * customer's provider (`calendar-router.ts`, `open-calendars.ts`), what all implementations have in common
 * (`assemble-calendar.ts`), when requests are sent to a provider (`upstream/`), and
 * what is cached of readings (`recent-readings.ts`, `known-time-zones.ts`). Which events belong to bookings is in
 * `../bookings`; whether each connected calendar answers is in `../calendar-states`.
 */

import type { Interval } from "@cita/scheduling";

/**
 * What Cita needs of a business's calendar, whoever provides it. Every method throws CalendarError: a calendar that can't
 * be read is an error, never an empty calendar.
 */
export type Calendar = {
  /** What the customer's provider can do that others can't. @throws CalendarError `not_connected` */
  findCapabilities(customerId: string): Promise<CalendarCapabilities>;
  /**
   * Sets requests aside for one sequence of calls.
   * @throws CalendarError `rate_limited` where the budget hasn't got as many now, `calendar_unavailable`
   * while the provider has asked for a pause or is known to be down.
   */
  reserve(customerId: string, planned: PlannedCalls): Promise<RequestReservation>;
  /** Reads what takes up time in a span (epoch milliseconds), and the calendar's own time zone. */
  readBusy(question: BusyQuestion, options?: CallOptions): Promise<BusyTimes>;
  /**
   * Adds our event to the primary calendar, and informs nobody. Safe to repeat: our mark makes it the same event.
   * @returns the id that the event has at the provider.
   */
  insertEvent(customerId: string, event: NewEvent, options?: CallOptions): Promise<WrittenEvent>;
  /**
   * Has the provider invite an attendee to our event and inform them of later changes. Safe to repeat: an attendee whom
   * the event already has is not informed again.
   * @returns false where the provider refuses to invite them, or the event is gone.
   */
  inviteAttendee(customerId: string, invitation: Invitation, options?: CallOptions): Promise<boolean>;
  /**
   * Reads our event: by its id, or by our mark where the id isn't known because the answer to the insert was lost. An event
   * that has the id and another mark is somebody else's: `unknown`.
   * @param timeZone the booking's, in which an all-day event is read.
   */
  findEvent(
    customerId: string,
    event: OwnEventKey,
    timeZone: string,
    options?: CallOptions,
  ): Promise<OwnEvent>;
  /**
   * Moves our event; the provider informs those whom it has invited.
   * @returns false where the event isn't as it was found: it has another `version`, or is gone.
   */
  moveEvent(customerId: string, move: EventMove, options?: CallOptions): Promise<boolean>;
  /**
   * Gives our event another version and changes nothing else, so that a move or removal under way with the old version
   * fails.
   * @returns false as `moveEvent`.
   */
  touchEvent(customerId: string, event: EventVersion, options?: CallOptions): Promise<boolean>;
  /** Removes our event; the provider informs those whom it has invited. */
  removeEvent(customerId: string, event: EventVersion, options?: CallOptions): Promise<Removal>;
  /**
   * Makes sure that no event of this write is in the calendar, now or later: an insert that is still under way fails, or
   * what it inserts is removed before this resolves. Safe to repeat. An event that has the id and another mark is somebody
   * else's, as in the calendar of an account that was connected meanwhile, and stays.
   */
  retireEvent(customerId: string, event: RetiredEvent, options?: CallOptions): Promise<void>;
  /**
   * Keeps the access to the account that is connected now: what is written into its calendar can then be taken back also
   * where the customer connects another account, or none, meanwhile.
   */
  keepAccess(customerId: string): Promise<KeptAccess>;
  /** Reads the events of one minute from each calendar, and returns why those that can't be read can't, by their ids. */
  findFailures(customerId: string, calendars: readonly string[]): Promise<ReadonlyMap<string, CalendarError>>;
};

/** The access to an account for as long as its access token is good, which isn't renewed. */
export type KeptAccess = {
  /** As `Calendar.retireEvent`, in the calendar of that account. @throws CalendarError */
  retireEvent(event: RetiredEvent, options?: CallOptions): Promise<void>;
};

/** What the calls of one booking have in common. */
export type CallOptions = {
  /**
   * Called before each attempt of a write, repetitions included. It throws where the write must not be sent; the caller
   * gets that error unchanged.
   */
  readonly beforeAttempt?: (() => Promise<void>) | undefined;
  /** Requests that were reserved before the hold, so that a booking that was begun can be finished. */
  readonly reservation?: RequestReservation | undefined;
};

/** What a sequence of calls asks for at most. How many requests that are is the provider's own. */
export type PlannedCalls = {
  /** Readings of one calendar each. */
  readonly readings: number;
  /** Reads and writes of a single event. */
  readonly ofEvents: number;
};

export type RequestReservation = {
  /** Gives back what was not used. Idempotent. */
  release(): void;
};

export type BusyQuestion = {
  readonly customerId: string;
  readonly span: Interval;
  /** Ids of the calendars that count; one of them is `primary`. */
  readonly calendars: readonly string[];
};

/** The shortest span that shows whether a calendar can be read: one minute. */
export function shortSpan(start: number): Interval {
  return { start, end: start + 60_000 };
}

/** How a reading of busy times has ended. */
export type Reading = {
  readonly question: BusyQuestion;
  /** When it began, in epoch milliseconds. */
  readonly readAt: number;
  /** IANA name: the primary calendar's, where that could be read. */
  readonly timeZone: string | undefined;
  /** By the calendar's id; empty: the reading succeeded. */
  readonly failures: ReadonlyMap<string, unknown>;
};

/** How a call of a calendar has ended, for metrics. */
export type CalendarCall = {
  readonly operation: string;
  /** `ok` or the error's code. */
  readonly outcome: string;
  readonly seconds: number;
};

export type BusyTimes = {
  /** IANA name: the primary calendar's. */
  readonly timeZone: string;
  /** When reading began, in epoch milliseconds. Later writes may be missing. */
  readonly readAt: number;
  readonly busy: readonly BusyTime[];
};

export type BusyTime = Interval & {
  /** Null: somebody else's event. */
  readonly own: OwnMark | null;
  /** The schedule says whether a tentative event counts. */
  readonly tentative: boolean;
};

/** What a reading shows of an event of ours. */
export type OwnMark = {
  /** Our mark: the id of the hold that the event was written for. */
  readonly bookingId: string;
  /** The provider's id; of an occurrence in a series, the id of the series. */
  readonly eventId: string;
  /** True: the event was made into a series by hand, and this is one of its occurrences. */
  readonly isOccurrence: boolean;
};

/** By what an event of ours is found. */
export type OwnEventKey = {
  /** Our mark on it. A provider looks the event up by it where `eventId` is null. */
  readonly bookingId: string;
  /** The provider's id; null: not known. */
  readonly eventId: string | null;
};

export type NewEvent = Interval & {
  /** Our mark on the event: the id of the hold that it is written for, 32 hexadecimal digits. */
  readonly bookingId: string;
  readonly timeZone: string;
  readonly title: string;
  readonly description: string;
  /** Has no effect at a provider without `meetLinks`. */
  readonly withMeetLink: boolean;
};

export type WrittenEvent = {
  readonly eventId: string;
  readonly meetLink: string | null;
};

export type Invitation = {
  readonly eventId: string;
  /** Our mark on the event. */
  readonly bookingId: string;
  readonly email: string;
  readonly name: string;
};

/** What only some providers can do. Code asks for a capability, never for a provider. */
export type CalendarCapabilities = {
  /** Events can get a link to a video meeting. */
  readonly meetLinks: boolean;
};

/** An event as `findEvent` saw it. */
export type EventVersion = { readonly eventId: string; readonly version: string };

/** `changed`: it is no longer as it was found. `absent`: deleted before, or unknown. */
export type Removal = "removed" | "absent" | "changed";

export type RetiredEvent = OwnEventKey & Pick<NewEvent, "start" | "end" | "timeZone">;

/**
 * `found`: the event exists, even if it was marked as free by hand. `gone`: it was deleted. `unknown`: the provider knows
 * no such event of ours, for a moment or, in another account's calendar, for good.
 */
export type OwnEvent =
  | (Interval & {
      readonly kind: "found";
      readonly eventId: string;
      readonly version: string;
      readonly meetLink: string | null;
      /** Made into a series by hand. */
      readonly recurring: boolean;
    })
  | { readonly kind: "gone" }
  | { readonly kind: "unknown" };

export type EventMove = Interval & EventVersion & { readonly timeZone: string };

/** What a failure says about the calendar itself. Failures by our own limits and open breakers have none. */
export type CalendarProblem = {
  readonly name: "unreadable" | "refused" | "not_found" | "unreachable";
  /** The calendar that it is about; null: the whole account. */
  readonly calendar: string | null;
  /** The provider's word, or what can't be read. */
  readonly reason: string;
  /** True: somebody has to change something. False: it may pass by itself within minutes. */
  readonly lasts: boolean;
};

/**
 * Whether a failed write may have been done all the same. Any other error than a CalendarError, such as the database's in
 * `beforeAttempt`, may follow a first attempt without an answer.
 */
export function isOutcomeUnknown(error: unknown): boolean {
  return !(error instanceof CalendarError) || error.outcomeUnknown;
}

/**
 * `not_connected`, `reconnect_required`: the business has to act. `calendar_unavailable`: the provider is down,
 * slow, refuses, or its answer can't be read. `rate_limited`: asked too often.
 */
export class CalendarError extends Error {
  override readonly name = "CalendarError";
  readonly code: "not_connected" | "reconnect_required" | "calendar_unavailable" | "rate_limited";
  /** For the log: what happened upstream. */
  readonly reason: string;
  /** True: no answer came, so a write may have been done all the same. */
  readonly outcomeUnknown: boolean;
  readonly problem: CalendarProblem | undefined;
  constructor(
    code: CalendarError["code"],
    reason: string,
    { outcomeUnknown = false, problem, ...options }: CalendarErrorOptions = {},
  ) {
    super(`The calendar can't be used: ${code} (${reason}).`, options);
    this.code = code;
    this.reason = reason;
    this.outcomeUnknown = outcomeUnknown;
    this.problem = problem;
  }
}

type CalendarErrorOptions = ErrorOptions & {
  outcomeUnknown?: boolean;
  problem?: CalendarProblem | undefined;
};
