import type { AccessTokens, CalendarObstacle } from "@cita/token-store";
import type { ServicesConfig } from "../config.ts";
import type { Calendar, CalendarCall, Reading } from "./calendar.ts";
import type { UpstreamPolicyOptions } from "./upstream/upstream-policy.ts";

/** How the calendars of one provider's accounts are opened. Quotas, breakers and timeouts are the provider's own. */
export type CalendarOpener = {
  open(options: ProviderCalendarOptions): ProviderCalendar;
  /** How many requests checks may send that no agent has asked for. */
  limitChecks(config: ServicesConfig): ChecksLimit;
  readonly help: CalendarHelp;
};

/** What helps an admin and a business where a calendar can't be read. */
export type CalendarHelp = {
  /** Where a business sees its own calendar; null: not known. */
  readonly calendarPage: string | null;
  /** Where the provider says of its service whether it works; null: not known. */
  readonly statusPage: string | null;
  /** Refusals of a whole account that last, by the reason that the provider gives. */
  readonly refusals: ReadonlyMap<string, Refusal>;
};

/** A problem in a sentence, and what mends it. */
export type ProblemExplanation = { readonly description: string; readonly remedy: string };

/** What a provider's reason means for the account. */
export type Refusal = ProblemExplanation & { readonly obstacle: CalendarObstacle };

export type ChecksLimit = {
  readonly perMinute: number;
  /** The variable that sets the provider's quota, of which `perMinute` is about a tenth. */
  readonly variable: string;
};

export type ProviderCalendarOptions = {
  /** The provider takes its own variables from it. */
  readonly config: ServicesConfig;
  /** For calls that an agent waits for. */
  readonly agents: CalendarUse;
  /** For checks that no agent has asked for. */
  readonly checks: CalendarUse;
  /** How long one request may take; undefined: the provider's default. */
  readonly timeoutMs?: number | undefined;
  /** Limits and breakers that differ from the provider's own, and the count of instances that share its quota. */
  readonly upstream?: Partial<UpstreamPolicyOptions> | undefined;
  readonly now: () => number;
};

/** What a calendar is opened with for one kind of caller. */
export type CalendarUse = {
  readonly accessTokens: AccessTokens;
  /** Called after each reading of busy times. The reading's caller waits for it. */
  readonly onReading?: ((reading: Reading) => Promise<void>) | undefined;
  /** Called after each call of the calendar. */
  readonly observe?: ((call: CalendarCall) => void) | undefined;
};

export type ProviderCalendar = {
  readonly calendar: Calendar;
  /** The same with a budget and breakers of its own. */
  readonly calendarForChecks: Calendar;
  /** Loads the provider's client library, so that the first request doesn't wait for it. */
  load(): Promise<void>;
};
