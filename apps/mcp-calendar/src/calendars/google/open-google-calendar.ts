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
import type { Calendar } from "../calendar.ts";
import { createRefreshGrant } from "../upstream/refresh-grant.ts";
import { createUpstreamPolicy, type UpstreamPolicyOptions } from "../upstream/upstream-policy.ts";
import { assessFailure } from "./failures.ts";
import { createGoogleCalendar, type GoogleCalendar, type GoogleCalendarDeps } from "./google-calendar.ts";

type Listeners = Pick<GoogleCalendarDeps, "onReading" | "observe">;

export type GoogleCalendarOptions = {
  apiUrl: string;
  /** Requests a minute, as Google grants them. */
  quota: { user: number; project: number };
  connections: TokenStore["connections"];
  /** Sends one refresh request to Google. */
  sendRefresh: RefreshGrant;
  agents: Listeners;
  checks: Listeners;
  /** Called with the outcome of each refresh that was sent. */
  observeRefresh?: ((refreshToken: string, outcome: RefreshOutcome["kind"]) => void) | undefined;
  logger: Logger;
  timeoutMs?: number | undefined;
  refreshLeaseMs?: number | undefined;
  upstream?: Partial<UpstreamPolicyOptions> | undefined;
  now: () => number;
};

export type OpenGoogleCalendar = {
  readonly calendar: GoogleCalendar;
  /** The same with a budget and breakers of its own, for checks that no agent has asked for. */
  readonly calendarForChecks: Calendar;
  /** Renews the access tokens of customers that no agent asks for. */
  readonly keepAlive: KeepAlive;
  readonly finishRenewals: AccessTokens["finishRenewals"];
};

/** The share of the quota that we use. Google's minutes begin at other moments than ours, so it is less than 1. */
const ownShare = 0.9;

/** The part of our share that checks may use. */
const checksShare = 0.1;

/** How many requests a minute checks may send. @param quota Google's quota a minute for the project. */
export function checksPerMinute(quota: number): number {
  return ownShare * checksShare * quota;
}

/** Google Calendar by the stored connections: for agents, and for checks with a budget of their own. */
export function openGoogleCalendar(options: GoogleCalendarOptions): OpenGoogleCalendar {
  const { connections, quota, upstream, logger, now } = options;
  const onFailure = (err: unknown, key?: CustomerKey) =>
    logger.warn({ err, customer_id: key?.customerId }, "an access couldn't be renewed ahead of time");

  /** Opens a calendar with a budget, breakers and renewals of its own. */
  function open(perProject: number, listeners: Listeners) {
    const accessTokens = createAccessTokens({
      refreshGrant: createRefreshGrant({
        send: options.sendRefresh,
        breakers: upstream ?? {},
        observe: options.observeRefresh,
      }),
      ...{ connections, onEarlyFailure: onFailure, leaseMs: options.refreshLeaseMs, now },
    });
    const limits = { perCustomer: ownShare * quota.user, ...upstream, perProject };
    const policy = createUpstreamPolicy(limits, assessFailure);
    const { apiUrl, timeoutMs } = options;
    const calendar = createGoogleCalendar({ accessTokens, apiUrl, timeoutMs, policy, ...listeners, now });
    return { accessTokens, calendar };
  }

  const agents = open(upstream?.perProject ?? ownShare * quota.project, options.agents);
  const checks = open(checksPerMinute(quota.project), options.checks);
  return {
    calendar: agents.calendar,
    calendarForChecks: checks.calendar,
    keepAlive: createKeepAlive({ connections, accessTokens: agents.accessTokens, onFailure, now }),
    async finishRenewals() {
      await Promise.all([agents, checks].map(({ accessTokens }) => accessTokens.finishRenewals()));
    },
  };
}
