import type { CustomerKey } from "./token-store.ts";

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

/** What the readings of a calendar have shown since its business consented. */
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
   * Replaces what was found, unless it has changed or the connection is another one by now. The connection's
   * version stays: a refresh that is under way can still be saved.
   * @returns whether it was replaced: of several that notice the same change one is told so.
   */
  replace(before: CalendarRecord, after: CalendarRecord): Promise<boolean>;
  /** Has the calendar read soon, although nobody asks. */
  makeDue(key: CustomerKey): Promise<void>;
  /**
   * Takes calendars that are due, the longest overdue first, and puts off when they are due next: what one
   * process has taken no other takes.
   */
  claimDue(provider: string, claim: CalendarClaim): Promise<ClaimedCalendar[]>;
};

export type CalendarClaim = {
  readonly limit: number;
  /** When they are due next. */
  readonly dueAgain: Date;
  /** One that is due later still was put off by a clock that has been set back since, and is due now. */
  readonly latestDue: Date;
};

export type ClaimedCalendar = CustomerKey & { readonly state: CalendarState };
