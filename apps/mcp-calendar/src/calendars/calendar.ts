/**
 * This folder is a business's calendar: the contract (here), its implementation for each provider (`google/`),
 * when a provider is sent requests (`upstream/`), and what is remembered of readings (`recent-readings.ts`,
 * `known-time-zones.ts`). Which events are ours and what happens to a booking is in `../bookings`, whether each
 * connected calendar answers in `../calendar-states`.
 */

import type { Interval } from "@cita/scheduling";

/**
 * What Cita needs of a business's calendar, whoever provides it. Every method throws CalendarError: a calendar
 * that couldn't be read is an error, never an empty one.
 */
export type Calendar = {
  /**
   * Sets requests aside for one sequence of calls.
   * @throws CalendarError `rate_limited` where the budget hasn't got as many now, `calendar_unavailable`
   * while the provider has asked for a pause or is known to be down.
   */
  reserve(customerId: string, requests: number): Promise<RequestReservation>;
  /** What takes up time between two instants (epoch milliseconds), read now, and the calendar's own time zone. */
  readBusy(question: BusyQuestion, options?: CallOptions): Promise<BusyTimes>;
  /** Adds our event to the primary calendar. Safe to repeat: the id makes it the same event. */
  insertEvent(customerId: string, event: NewEvent, options?: CallOptions): Promise<WrittenEvent>;
  /** What has become of our event. @param timeZone the booking's: an all-day event is read in it. */
  findEvent(customerId: string, eventId: string, timeZone: string, options?: CallOptions): Promise<OwnEvent>;
  /**
   * Moves our event; the provider informs those whom it has invited.
   * @returns false where the event isn't as it was found: it has another `version`, or is gone.
   */
  moveEvent(customerId: string, move: EventMove, options?: CallOptions): Promise<boolean>;
  /**
   * Gives our event another version and changes nothing else: a move or removal by the version before, if one is
   * still under way, can't be done any more.
   * @returns false as `moveEvent`.
   */
  touchEvent(customerId: string, event: EventVersion, options?: CallOptions): Promise<boolean>;
  /** Removes our event; the provider informs those whom it has invited. */
  removeEvent(customerId: string, event: EventVersion, options?: CallOptions): Promise<Removal>;
  /**
   * Makes sure that there is no event with this id, nor ever will be: an insert that is still under way can't be
   * done any more. Safe to repeat.
   */
  retireEvent(customerId: string, event: RetiredEvent, options?: CallOptions): Promise<void>;
  /** Which of these calendars can't be read, and why. Each is asked once, for the events of a minute. */
  findTroubles(customerId: string, calendars: readonly string[]): Promise<ReadonlyMap<string, CalendarError>>;
};

/** What the calls of one booking have in common. */
export type CallOptions = {
  /**
   * Called before each attempt of a write, a repeated one too: throws where it must not be done any more, and
   * that error reaches the caller as it is.
   */
  readonly beforeAttempt?: (() => Promise<void>) | undefined;
  /** Requests set aside before the hold, so that what was begun can be finished. */
  readonly reservation?: RequestReservation | undefined;
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

/** The least that shows whether a calendar can be read: the events of a minute. */
export function shortSpan(start: number): Interval {
  return { start, end: start + 60_000 };
}

/** How a reading of busy times has ended: what of it failed, or nothing. */
export type Reading = {
  readonly question: BusyQuestion;
  /** When it began, in epoch milliseconds. */
  readonly readAt: number;
  /** IANA name: the primary calendar's, where that could be read. */
  readonly timeZone: string | undefined;
  /** By the calendar's id. */
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
  /** When reading began, in epoch milliseconds: what was written later may be missing. */
  readonly readAt: number;
  readonly busy: readonly BusyTime[];
};

export type BusyTime = Interval & {
  readonly eventId: string;
  /** Not settled yet: the schedule says whether it counts. */
  readonly tentative: boolean;
};

export type NewEvent = Interval & {
  /** `a-v0-9`, 5 to 1024 characters. */
  readonly id: string;
  readonly bookingId: string;
  readonly timeZone: string;
  readonly title: string;
  readonly description: string;
  /** The person whom the provider invites and keeps informed; null: nobody. */
  readonly invite: { readonly email: string; readonly name: string } | null;
  readonly withMeetLink: boolean;
};

export type WrittenEvent = {
  readonly meetLink: string | null;
  /** False: the event was made, and the provider refused to invite; null: nobody was to be invited. */
  readonly isInvited: boolean | null;
};

/** An event as `findEvent` saw it. */
export type EventVersion = { readonly id: string; readonly version: string };

/** `changed`: it is no longer as it was found. `absent`: deleted before, or unknown. */
export type Removal = "removed" | "absent" | "changed";

export type RetiredEvent = Pick<NewEvent, "id" | "bookingId" | "start" | "end" | "timeZone">;

/**
 * `found`: it is there, also if it was marked as free by hand. `gone`: deleted. `unknown`: the provider
 * knows no such event of ours: that may pass, and in another account's calendar it stays so.
 */
export type OwnEvent =
  | (Interval & {
      readonly kind: "found";
      readonly version: string;
      readonly meetLink: string | null;
      /** Made into a series by hand. */
      readonly recurring: boolean;
    })
  | { readonly kind: "gone" }
  | { readonly kind: "unknown" };

export type EventMove = Interval & EventVersion & { readonly timeZone: string };

/**
 * What a failure says about the calendar itself, where it says anything. Our own limits and a provider that
 * isn't asked say nothing.
 */
export type CalendarTrouble = {
  readonly name: "unreadable" | "refused" | "not_found" | "unreachable";
  /** The calendar that it is about; null: the whole account. */
  readonly calendar: string | null;
  /** The provider's word, or what can't be read. */
  readonly reason: string;
  /** True: it stays so until somebody changes something. False: it may be over in a minute. */
  readonly lasts: boolean;
};

/**
 * Whether what failed may have been done all the same. An error that is no CalendarError came in between, as from
 * a database that couldn't be asked before a second attempt: what became of the first isn't known.
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
  /** No answer came: what was asked for may have been done all the same. */
  readonly outcomeUnknown: boolean;
  readonly trouble: CalendarTrouble | undefined;
  constructor(
    code: CalendarError["code"],
    reason: string,
    { outcomeUnknown = false, trouble, ...options }: CalendarErrorOptions = {},
  ) {
    super(`The calendar can't be used: ${code} (${reason}).`, options);
    this.code = code;
    this.reason = reason;
    this.outcomeUnknown = outcomeUnknown;
    this.trouble = trouble;
  }
}

type CalendarErrorOptions = ErrorOptions & {
  outcomeUnknown?: boolean;
  trouble?: CalendarTrouble | undefined;
};
