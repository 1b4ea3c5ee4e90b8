import type { CustomerKey } from "./customer-key.ts";

/** Whether a connected calendar answers; whether it may be asked at all is the connection's own status. */
export const calendarStateNames = [
  "ok",
  "unreadable",
  "refused",
  "not_found",
  "unreachable",
  "unknown",
] as const;
export type CalendarStateName = (typeof calendarStateNames)[number];

/** What readings have shown of a calendar since its business consented. */
export type CalendarState = {
  readonly name: CalendarStateName;
  /** Null: it hasn't been read yet. */
  readonly since: Date | null;
  /** The provider's id of the one calendar that it is about; null: the whole account. */
  readonly calendar: string | null;
  /** The provider's word for it, or what can't be read. Never a secret, never a title. */
  readonly reason: string | null;
  /** Of `unreadable`: the times whose reading showed it, in epoch milliseconds. Other times may be readable. */
  readonly span: { readonly start: number; readonly end: number } | null;
};

export const unknownCalendarState: CalendarState = {
  name: "unknown",
  since: null,
  calendar: null,
  reason: null,
  span: null,
};

/** Whether it is a state in which somebody has to do something. */
export function isCalendarTrouble({ name }: CalendarState): boolean {
  return name !== "ok" && name !== "unknown";
}

/** The state of a customer's calendar with what it takes to notice the next change. */
export type CalendarRecord = CustomerKey & {
  /** When the business consented: a later consent is another connection. */
  readonly connectedAt: Date;
  readonly state: CalendarState;
  /** Since when readings have failed in a way that may pass; null: the last one didn't. */
  readonly failingSince: Date | null;
  /** How many have failed so since then, as far as they are counted. */
  readonly failures: number;
  /** When the calendar is to be read although nobody has asked. */
  readonly checkDue: Date;
};

export type CalendarStateStore = {
  /** @returns undefined where nothing is connected, or only a new consent helps. */
  find(key: CustomerKey): Promise<CalendarRecord | undefined>;
  /**
   * Replaces a record, unless it has changed since it was found or the connection is another one by now. The version of
   * the connection stays, so that a refresh under way can still be saved.
   * @returns whether it was replaced: true for one of several that notice the same change.
   */
  replace(before: CalendarRecord, after: CalendarRecord): Promise<boolean>;
  /** Makes the calendar due now, so that it is read soon although nobody asks. */
  makeDue(key: CustomerKey): Promise<void>;
  /**
   * The calendars that are due, the longest overdue first, put off until `dueAgain` by the same statement: a calendar is
   * given to one process only.
   */
  takeDue(provider: string, query: DueQuery): Promise<DueCalendar[]>;
};

export type DueQuery = {
  readonly limit: number;
  /** When they are due next. */
  readonly dueAgain: Date;
  /** A calendar that is due later still was put off by a clock that was ahead, and is due now. */
  readonly latestDue: Date;
};

export type DueCalendar = CustomerKey & { readonly state: CalendarState };
