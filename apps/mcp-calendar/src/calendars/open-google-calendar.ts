import type { Logger } from "@cita/process";
import {
  type AccessTokens,
  type CustomerKey,
  createAccessTokens,
  createKeepAlive,
  type KeepAlive,
  type RefreshGrant,
  type TokenStore,
} from "@cita/token-store";
import { withBreakers } from "./breaking-refreshes.ts";
import type { Calendar } from "./calendar.ts";
import type { createGoogleCalendar, Reading } from "./google-calendar.ts";
import { createUpstreamPolicy, type UpstreamPolicyOptions } from "./upstream-policy.ts";

export type GoogleCalendarOptions = {
  /** Handed in, so that a program that must start fast can load it later. */
  createCalendar: typeof createGoogleCalendar;
  apiUrl: string;
  /** Requests a minute, as Google grants them. */
  quota: { user: number; project: number };
  connections: TokenStore["connections"];
  refreshGrant: RefreshGrant;
  /** Told how each reading of busy times has ended. */
  onReading: (reading: Reading) => Promise<void>;
  logger: Logger;
  timeoutMs?: number;
  refreshLeaseMs?: number;
  upstream?: Partial<UpstreamPolicyOptions>;
  now: () => number;
};

/** Google counts its minutes otherwise than we do. */
const ownShare = 0.9;

/** How much of our own share goes to finding out whether calendars answer. */
const checksShare = 0.1;

/** How many requests a minute that may take. @param quota Google's, for the project */
export function checksPerMinute(quota: number): number {
  return ownShare * checksShare * quota;
}

/** Google Calendar by the stored connections, and what keeps those that nobody uses alive. */
export function openGoogleCalendar(options: GoogleCalendarOptions): {
  calendar: Calendar;
  /**
   * The same for finding out whether a calendar answers, where no agent has asked: it takes nothing from the
   * agents' budget, and what fails there opens no breaker of theirs.
   */
  calendarForChecks: Calendar;
  keepAlive: KeepAlive;
  finishRenewals: AccessTokens["finishRenewals"];
} {
  const { connections, logger, now } = options;
  const onFailure = (err: unknown, key?: CustomerKey) =>
    logger.warn({ err, customer_id: key?.customerId }, "an access couldn't be renewed ahead of time");
  const opened: AccessTokens[] = [];

  /** With budget, breakers and renewals of its own. */
  function open(perProject: number) {
    const accessTokens = createAccessTokens({
      connections,
      refreshGrant: withBreakers(options.refreshGrant, options.upstream ?? {}),
      onEarlyFailure: onFailure,
      leaseMs: options.refreshLeaseMs,
      now,
    });
    opened.push(accessTokens);
    const policy = createUpstreamPolicy({
      perCustomer: ownShare * options.quota.user,
      ...options.upstream,
      perProject,
    });
    const { apiUrl, timeoutMs, onReading } = options;
    return {
      accessTokens,
      calendar: options.createCalendar({ accessTokens, apiUrl, timeoutMs, policy, onReading, now }),
    };
  }

  const { accessTokens, calendar } = open(options.upstream?.perProject ?? ownShare * options.quota.project);
  return {
    calendar,
    calendarForChecks: open(checksPerMinute(options.quota.project)).calendar,
    keepAlive: createKeepAlive({ connections, accessTokens, onFailure, now }),
    async finishRenewals() {
      await Promise.all(opened.map((one) => one.finishRenewals()));
    },
  };
}
