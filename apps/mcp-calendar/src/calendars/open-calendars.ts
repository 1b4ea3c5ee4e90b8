import type { AccessTokens } from "@cita/token-store";
import type { ServicesConfig } from "../config.ts";
import type { Calendar, CalendarCall, Reading } from "./calendar.ts";
import { createCalendarRouter } from "./calendar-router.ts";
import { googleCalendar } from "./google/google-calendar.ts";
import type { CalendarOpener, CalendarUse, ChecksLimit, ProviderCalendar } from "./provider-calendar.ts";
import type { UpstreamPolicyOptions } from "./upstream/upstream-policy.ts";

/** How each provider's calendar is opened, by the provider's id. */
export type CalendarOpeners = Readonly<Record<string, CalendarOpener>>;

export const calendarOpeners: CalendarOpeners = { google: googleCalendar };

/** A reading, and the provider whose calendar was read. */
export type ProviderReading = Reading & { readonly provider: string };

type UseOfAll = {
  readonly accessTokens: AccessTokens;
  onReading(reading: ProviderReading): Promise<void>;
  observe?(call: CalendarCall): void;
};

export type OpenCalendarsOptions = {
  openers: CalendarOpeners;
  /** The providers at which we have a client; the calendars of others stay closed. */
  configured: { has(provider: string): boolean };
  config: ServicesConfig;
  /** The provider of a customer's connection; undefined: there is none. */
  findProvider(customerId: string): Promise<string | undefined>;
  agents: UseOfAll;
  checks: UseOfAll;
  timeoutMs?: number | undefined;
  upstream?: Partial<UpstreamPolicyOptions> | undefined;
  now: () => number;
};

export type OpenCalendars = {
  /** Of all providers, for agents. */
  readonly calendar: Calendar;
  /** The same with budgets and breakers of its own, for checks that no agent has asked for. */
  readonly calendarForChecks: Calendar;
  /** By the provider's id. */
  readonly providers: ReadonlyMap<string, ProviderCalendar & { readonly checksLimit: ChecksLimit }>;
  /** Loads the providers' client libraries. */
  load(): Promise<void>;
};

/** Opens the calendars of all configured providers. */
export function openCalendars(options: OpenCalendarsOptions): OpenCalendars {
  const { openers, configured, findProvider, config, agents, checks, ...common } = options;
  const providers = new Map(
    Object.entries(openers)
      .filter(([provider]) => configured.has(provider))
      .map(([provider, opener]) => {
        const use = ({ accessTokens, onReading, observe }: UseOfAll): CalendarUse => ({
          ...{ accessTokens, observe },
          onReading: (reading) => onReading({ ...reading, provider }),
        });
        const opened = opener.open({ ...common, config, agents: use(agents), checks: use(checks) });
        return [provider, { ...opened, checksLimit: opener.limitChecks(config) }];
      }),
  );
  const route = (select: (opened: ProviderCalendar) => Calendar) =>
    createCalendarRouter(
      new Map([...providers].map(([provider, opened]) => [provider, select(opened)])),
      findProvider,
    );
  return {
    calendar: route(({ calendar }) => calendar),
    calendarForChecks: route(({ calendarForChecks }) => calendarForChecks),
    providers,
    async load() {
      await Promise.all([...providers.values()].map((opened) => opened.load()));
    },
  };
}
