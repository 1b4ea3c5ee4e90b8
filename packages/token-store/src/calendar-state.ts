import type { NewEvent } from "@cita/events";
import type { CustomerKey } from "./customer-key.ts";

/** Whether a connected calendar answers. Whether it may be called is the connection's own status. */
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
  /** The provider's id of the one calendar that the state is about; null: the whole account. */
  readonly calendar: string | null;
  /** The provider's reason, or what can't be read. Never a secret or an event's title. */
  readonly reason: string | null;
  /** Of `unreadable`: the span that was read, in epoch milliseconds. Other spans may be readable. */
  readonly span: { readonly start: number; readonly end: number } | null;
};

export const unknownCalendarState: CalendarState = {
  name: "unknown",
  since: null,
  calendar: null,
  reason: null,
  span: null,
};

/** Whether somebody has to do something about a calendar in this state. */
export function isProblemState({ name }: CalendarState): boolean {
  return name !== "ok" && name !== "unknown";
}

/**
 * What keeps a whole account's calendar from being used, whoever provides it: the account has none, its organisation
 * doesn't let apps use it, our own side isn't set up at the provider, or something else.
 */
export type CalendarObstacle = "no_calendar" | "blocked_by_organisation" | "not_set_up" | "other";

/** The state of a customer's calendar, with what `applyReading` needs to decide its next change. */
export type CalendarRecord = CustomerKey & {
  readonly connectionId: string;
  /** When the business consented: a later consent to the same connection has a later time. */
  readonly connectedAt: Date;
  readonly state: CalendarState;
  /** Since when readings have failed in a way that may pass; null: the last reading didn't. */
  readonly failingSince: Date | null;
  /** How many readings have failed since then. It stops counting when there are enough. */
  readonly failures: number;
  /** When the watch reads the calendar. */
  readonly checkDue: Date;
};

export type CalendarStateStore = {
  /** @returns undefined where nothing is connected, or only a new consent helps. */
  find(key: CustomerKey): Promise<CalendarRecord | undefined>;
  /**
   * Replaces a record and appends its event in one transaction, unless the record has changed since it was found or the
   * connection is another one by now. The connection's version stays, so that a refresh under way can still be saved.
   * @returns whether it was replaced. Of several callers with the same change one gets true.
   */
  replace(before: CalendarRecord, after: CalendarRecord, event?: NewEvent): Promise<boolean>;
  /** Makes the calendar due now, so that the watch reads it soon. */
  makeDue(key: CustomerKey): Promise<void>;
  /**
   * Returns the calendars that are the longest overdue, in any order, and postpones them to `dueAgain` in the same
   * statement, so that each calendar is returned to one process only.
   */
  takeDue(provider: string, query: DueQuery): Promise<DueCalendar[]>;
};

export type DueQuery = {
  readonly limit: number;
  /** When they are due next. */
  readonly dueAgain: Date;
  /** A calendar with a later due time was postponed by a clock that was ahead, and is due now. */
  readonly latestDue: Date;
};

export type DueCalendar = CustomerKey & { readonly state: CalendarState };
