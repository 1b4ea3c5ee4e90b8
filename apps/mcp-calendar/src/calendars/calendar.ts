import type { Interval } from "@cita/scheduling";

/**
 * What Cita needs of a business's calendar, whoever provides it. Every method throws CalendarError
 * and never pretends: a calendar that couldn't be read is an error, not an empty one.
 */
export type Calendar = {
  /** What blocks time between two instants (epoch milliseconds), and the calendar's own time zone. */
  readBusy(customerId: string, span: Interval): Promise<BusyTimes>;
  /** Adds our event. Safe to repeat: the id makes it the same event. Where no answer came it is sent once more. */
  insertEvent(customerId: string, event: NewEvent): Promise<void>;
  /** When our event is, or undefined if it isn't in the calendar (any more). */
  findEvent(customerId: string, eventId: string): Promise<Interval | undefined>;
  /** Removes our event. @returns false when there was none. */
  removeEvent(customerId: string, eventId: string): Promise<boolean>;
};

export type BusyTimes = {
  /** IANA name. */
  readonly timeZone: string;
  readonly busy: readonly BusyTime[];
};

export type BusyTime = Interval & { readonly eventId: string };

export type NewEvent = Interval & {
  /** `a-v0-9`, 5 to 1024 characters. */
  readonly id: string;
  readonly bookingId: string;
  readonly timeZone: string;
  readonly title: string;
  readonly description: string;
};

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
  constructor(
    code: CalendarError["code"],
    reason: string,
    { outcomeUnknown = false, ...options }: ErrorOptions & { outcomeUnknown?: boolean } = {},
  ) {
    super(`The calendar can't be used: ${code} (${reason}).`, options);
    this.code = code;
    this.reason = reason;
    this.outcomeUnknown = outcomeUnknown;
  }
}
