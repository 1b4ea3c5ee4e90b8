import type { CacheTimes } from "@cita/http";
import type { Logger } from "@cita/process";
import type { Provider } from "@cita/providers";
import type { BookingTiming } from "./bookings/sweeper.ts";
import type { WatchTiming } from "./calendar-states/calendar-watch.ts";
import type { CalendarOpeners } from "./calendars/open-calendars.ts";
import type { UpstreamPolicyOptions } from "./calendars/upstream/upstream-policy.ts";
import type { PurgerTiming } from "./retention/purger.ts";

/** What `stdio/` or a test sets besides the configuration: the clock, timings, the log. */
export type Overrides = {
  readonly logger?: Logger | undefined;
  readonly timing?: BookingTiming | undefined;
  /** The providers that may be configured. */
  readonly providers?: readonly Provider[] | undefined;
  /** How the calendars of providers are opened; those that are given replace or add to `calendarOpeners`. */
  readonly calendarOpeners?: CalendarOpeners | undefined;
  /** How long one request to a provider may take. */
  readonly requestTimeoutMs?: number | undefined;
  /** How long a process that has died keeps others from renewing a customer's access token. */
  readonly refreshLeaseMs?: number | undefined;
  /** When and how often purges run. */
  readonly purging?: PurgerTiming | undefined;
  /** Limits and breakers of requests to providers. */
  readonly upstream?: Partial<UpstreamPolicyOptions> | undefined;
  /** How long a result of `/ready`, and the counts of `/metrics`, are reused. */
  readonly readyCache?: CacheTimes | undefined;
  readonly countsCache?: CacheTimes | undefined;
  /** When calendars are read that no agent asks for; null: never. */
  readonly calendarWatch?: WatchTiming | null | undefined;
  readonly now?: (() => number) | undefined;
};
