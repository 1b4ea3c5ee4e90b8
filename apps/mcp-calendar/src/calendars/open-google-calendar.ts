import type { Logger } from "@cita/service";
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
import type { createGoogleCalendar } from "./google-calendar.ts";
import { createUpstreamPolicy, type UpstreamPolicyOptions } from "./upstream-policy.ts";

export type GoogleCalendarOptions = {
  /** Handed in, so that a program that must start fast can load it later. */
  createCalendar: typeof createGoogleCalendar;
  apiUrl: string;
  /** Requests a minute, as Google grants them. */
  quota: { user: number; project: number };
  connections: TokenStore["connections"];
  refreshGrant: RefreshGrant;
  logger: Logger;
  timeoutMs?: number;
  refreshLeaseMs?: number;
  upstream?: Partial<UpstreamPolicyOptions>;
  now: () => number;
};

/** Google counts its minutes otherwise than we do. */
const ownShare = 0.9;

/** Google Calendar by the stored connections, and what keeps those that nobody uses alive. */
export function openGoogleCalendar(options: GoogleCalendarOptions): {
  calendar: Calendar;
  keepAlive: KeepAlive;
  finishRenewals: AccessTokens["finishRenewals"];
} {
  const { connections, logger, now } = options;
  const onFailure = (err: unknown, key?: CustomerKey) =>
    logger.warn({ err, customer_id: key?.customerId }, "an access couldn't be renewed ahead of time");
  const accessTokens = createAccessTokens({
    connections,
    refreshGrant: withBreakers(options.refreshGrant, options.upstream ?? {}),
    onEarlyFailure: onFailure,
    leaseMs: options.refreshLeaseMs,
    now,
  });
  const policy = createUpstreamPolicy({
    perCustomer: ownShare * options.quota.user,
    perProject: ownShare * options.quota.project,
    ...options.upstream,
  });
  const { apiUrl, timeoutMs } = options;
  return {
    calendar: options.createCalendar({ accessTokens, apiUrl, timeoutMs, policy, now }),
    keepAlive: createKeepAlive({ connections, accessTokens, onFailure, now }),
    finishRenewals: accessTokens.finishRenewals,
  };
}
