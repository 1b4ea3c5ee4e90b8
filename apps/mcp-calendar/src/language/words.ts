/**
 * What people read or hear, in the business's language: the type of the texts (here), a table for each language
 * (`words-*.ts`), and which language it is (`language.ts`). Texts that only a model reads (`next_step`,
 * descriptions of tools, problems of arguments) are English and are with their tools. Weekdays and months come from
 * `Intl`, through `packages/scheduling`.
 */

import type { Language, LocalDate } from "@cita/scheduling";
import type { BookingErrorCode } from "../bookings/booking-error.ts";
import type { CalendarError } from "../calendars/calendar.ts";

/** All texts of one language. */
export type Words = {
  readonly language: Language;
  /** Of a day without opening hours. */
  readonly closed: string;
  /** The name of what is booked where the business has set no service. */
  readonly defaultService: string;
  /** What stands before a detail in the description of an event. */
  readonly event: {
    readonly phone: string;
    readonly email: string;
    readonly notes: string;
    readonly bookedBy: string;
  };
  /** What `book` says of an invitation that wasn't sent. */
  readonly invitationNotes: Readonly<Record<"pending" | "refused", string>>;
  readonly moreSlots: (from: LocalDate, days: number) => string;
  readonly moreBookings: (from: LocalDate) => string;
  readonly instructions: {
    readonly purpose: string;
    readonly askFirst: string;
    readonly today: (today: Today) => string;
    readonly steps: readonly string[];
    readonly rules: string;
    /** What to do with labels and messages for a person of another language. */
    readonly translate: string;
  };
  readonly refusals: Readonly<Record<BookingErrorCode, string>>;
  readonly movedByHand: (label: string) => string;
  readonly calendar: Readonly<Record<CalendarError["code"], string>>;
  /** The calendar can't be read until somebody repairs the connection. */
  readonly lastingProblem: string;
  /**
   * @param names of the wrong arguments.
   * @param problems in English, each beginning with the argument's name; only the English text quotes them.
   */
  readonly wrongArguments: (names: readonly string[], problems: readonly string[]) => string;
  readonly unknownService: string;
  readonly unreadableTime: string;
  /** A wall time that the clocks jump over. */
  readonly skippedTime: string;
  /** A wall time that the clocks show twice. */
  readonly repeatedTime: string;
  readonly lastDayFirst: string;
  /** For the business itself, which runs `cita-calendar` on its own computer. */
  readonly owner: {
    readonly not_connected: string;
    readonly reconnect_required: string;
    readonly openLink: (url: string) => string;
    readonly cannotConnect: string;
    readonly calendarUnusable: string;
    readonly clientRefused: (provider: string) => string;
  };
};

export type Today = { readonly date: LocalDate; readonly weekday: string; readonly timeZone: string };
