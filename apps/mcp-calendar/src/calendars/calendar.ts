import type { Interval } from "@cita/scheduling";

/**
 * What Cita needs of a business's calendar, whoever provides it. Every method throws CalendarError
 * and never pretends: a calendar that couldn't be read is an error, not an empty one.
 */
export type Calendar = {
  /** What blocks time between two instants (epoch milliseconds), read now, and the calendar's own time zone. */
  readBusy(question: BusyQuestion): Promise<BusyTimes>;
  /** Adds our event to the primary calendar. Safe to repeat: the id makes it the same event. */
  insertEvent(customerId: string, event: NewEvent): Promise<WrittenEvent>;
  /** What has become of our event. @param timeZone the booking's: an all-day event is read in it. */
  findEvent(customerId: string, eventId: string, timeZone: string): Promise<OwnEvent>;
  /** Moves our event; those whom the provider has invited are told. @returns false when it is no longer as it was found: `version` is another, or it is gone. */
  moveEvent(customerId: string, move: EventMove): Promise<boolean>;
  /** Removes our event; those whom the provider has invited are told. @returns false when there was none. */
  removeEvent(customerId: string, eventId: string): Promise<boolean>;
  /** Which of these calendars can't be read, and why. Each is asked once, for the events of a minute. */
  findTroubles(customerId: string, calendars: readonly string[]): Promise<ReadonlyMap<string, CalendarError>>;
};

export type BusyQuestion = {
  readonly customerId: string;
  readonly span: Interval;
  /** Ids of the calendars that count; one of them is `primary`. */
  readonly calendars: readonly string[];
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
  /** Not settled yet: the schedule says whether it blocks. */
  readonly tentative: boolean;
};

export type NewEvent = Interval & {
  /** `a-v0-9`, 5 to 1024 characters. */
  readonly id: string;
  readonly bookingId: string;
  readonly timeZone: string;
  readonly title: string;
  readonly description: string;
  /** Whom the provider shall invite and keep informed; null: nobody. */
  readonly invite: { readonly email: string; readonly name: string } | null;
  readonly withMeetLink: boolean;
};

export type WrittenEvent = { readonly meetLink: string | null };

/**
 * `standing`: it is there, also if it was marked as free by hand. `gone`: deleted. `unknown`: the provider
 * knows no such event of ours: that may pass, and in another account's calendar it stays so.
 */
export type OwnEvent =
  | (Interval & {
      readonly kind: "standing";
      readonly version: string;
      readonly meetLink: string | null;
      /** Made into a series by hand. */
      readonly recurring: boolean;
    })
  | { readonly kind: "gone" }
  | { readonly kind: "unknown" };

export type EventMove = Interval & {
  readonly id: string;
  /** As `findEvent` saw it. */
  readonly version: string;
  readonly timeZone: string;
};

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
  /** True: asking again changes nothing, somebody has to. False: it may be over in a minute. */
  readonly lasts: boolean;
};

/** Whether what failed may have been done all the same. */
export function isOutcomeUnknown(error: unknown): boolean {
  return error instanceof CalendarError && error.outcomeUnknown;
}

/**
 * `not_connected`, `reconnect_required`: the business has to act. `calendar_unavailable`: the
 * provider is down, slow, refuses or talks nonsense. `rate_limited`: asked too often.
 */
export class CalendarError extends Error {
  override readonly name = "CalendarError";
  readonly code: "not_connected" | "reconnect_required" | "calendar_unavailable" | "rate_limited";
  /** For the log: what happened upstream. */
  readonly reason: string;
  /** True: no answer came, so what was asked for may have been done all the same. */
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
