import type { Interval } from "@cita/scheduling";

/**
 * What Cita needs of a business's calendar, whoever provides it. Every method throws CalendarError
 * and never pretends: a calendar that couldn't be read is an error, not an empty one.
 */
export type Calendar = {
  /** What blocks time between two instants (epoch milliseconds), and the calendar's own time zone. */
  readBusy(customerId: string, span: Interval): Promise<BusyTimes>;
  /** Adds our event. Safe to repeat: the id makes it the same event. */
  insertEvent(customerId: string, event: NewEvent): Promise<void>;
  /** Whether our event with this id stands in the calendar (and wasn't deleted there). */
  hasEvent(customerId: string, eventId: string): Promise<boolean>;
  /** Removes our event; one that is already gone is fine. */
  removeEvent(customerId: string, eventId: string): Promise<void>;
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
  constructor(code: CalendarError["code"], reason: string, options?: ErrorOptions) {
    super(`The calendar can't be used: ${code} (${reason}).`, options);
    this.code = code;
    this.reason = reason;
  }
}
