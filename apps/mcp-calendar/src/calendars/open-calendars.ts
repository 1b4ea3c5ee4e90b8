import type { Logger } from "@cita/process";
import {
  type AccessTokens,
  type CustomerKey,
  createAccessTokens,
  createKeepAlive,
  type KeepAlive,
  type RefreshGrant,
  type RefreshOutcome,
  type TokenStore,
} from "@cita/token-store";
import type { ServicesConfig } from "../config.ts";
import type { Calendar, CalendarCall, Reading } from "./calendar.ts";
import { createCalendarRouter } from "./calendar-router.ts";
import { googleCalendar } from "./google/google-calendar.ts";
import type { CalendarOpener, CalendarUse, ChecksLimit, ProviderCalendar } from "./provider-calendar.ts";
import { createRefreshGrant, type UpstreamPolicyOptions } from "./upstream/upstream-policy.ts";

/** How each provider's calendar is opened, by the provider's id. */
export type CalendarOpeners = Readonly<Record<string, CalendarOpener>>;

export const calendarOpeners: CalendarOpeners = { google: googleCalendar };

/** A reading, and the provider whose calendar was read. */
export type ProviderReading = Reading & { readonly provider: string };

type UseListeners = {
  onReading(reading: ProviderReading): Promise<void>;
  observe?(call: CalendarCall): void;
};

export type OpenCalendarsOptions = {
  openers: CalendarOpeners;
  config: ServicesConfig;
  connections: TokenStore["connections"];
  /** The provider of a customer's connection; undefined: there is none. */
  findProvider(customerId: string): Promise<string | undefined>;
  /** Sends one refresh request to the provider of the key. */
  sendRefresh: RefreshGrant;
  agents: UseListeners;
  checks: UseListeners;
  /** Called with the outcome of each refresh that was sent. */
  observeRefresh?: ((refreshToken: string, outcome: RefreshOutcome["kind"]) => void) | undefined;
  logger: Logger;
  timeoutMs?: number | undefined;
  refreshLeaseMs?: number | undefined;
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
  /** Renews the access tokens of customers that no agent asks for. */
  readonly keepAlive: KeepAlive;
  /** Loads the providers' client libraries. */
  load(): Promise<void>;
  finishRenewals: AccessTokens["finishRenewals"];
};

/** Opens the calendars of all providers by the stored connections. */
export function openCalendars(options: OpenCalendarsOptions): OpenCalendars {
  const { openers, connections, findProvider, logger, config, timeoutMs, upstream, now } = options;
  const onFailure = (err: unknown, key?: CustomerKey) =>
    logger.warn({ err, customer_id: key?.customerId }, "an access couldn't be renewed ahead of time");

  const openAccessTokens = () =>
    createAccessTokens({
      refreshGrant: createRefreshGrant({
        send: options.sendRefresh,
        breakers: upstream ?? {},
        observe: options.observeRefresh,
      }),
      ...{ connections, onEarlyFailure: onFailure, leaseMs: options.refreshLeaseMs, now },
    });
  const [agents, checks] = [openAccessTokens(), openAccessTokens()];

  const providers = new Map(
    Object.entries(openers).map(([provider, opener]) => {
      const use = (accessTokens: AccessTokens, { onReading, observe }: UseListeners): CalendarUse => ({
        ...{ accessTokens, observe },
        onReading: (reading) => onReading({ ...reading, provider }),
      });
      const uses = { agents: use(agents, options.agents), checks: use(checks, options.checks) };
      const opened = opener.open({ config, ...uses, timeoutMs, upstream, now });
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
    keepAlive: createKeepAlive({ connections, accessTokens: agents, onFailure, now }),
    async load() {
      await Promise.all([...providers.values()].map((opened) => opened.load()));
    },
    async finishRenewals() {
      await Promise.all([agents, checks].map((accessTokens) => accessTokens.finishRenewals()));
    },
  };
}
