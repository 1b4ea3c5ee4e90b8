import rateLimit, { normalizeIP } from "@fastify/rate-limit";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { FixedWindowStore } from "./fixed-window-store.ts";

/** How many requests a minute one caller may send. Kept in memory, each process for itself. */
export type Limiter = {
  /** Counts a request. @returns how many seconds to wait, if it is one too many. */
  take(request: FastifyRequest): Promise<number | undefined>;
};

export type LimiterOptions = {
  perMinute: number;
  /** Who calls. Left out: the client's address, an IPv6 one by its network of 64 bits. */
  callerOf?: (request: FastifyRequest) => string;
};

const minuteMs = 60_000;

/** Addresses and customer ids are no longer; an `X-Forwarded-For` that a proxy passes on may be longer. */
const maxKeyLength = 64;

/** To be done once, before the first limiter is made. */
export async function registerLimits(app: FastifyInstance): Promise<void> {
  await app.register(rateLimit, { global: false, store: FixedWindowStore });
}

/** A limiter that counts by itself. */
export function createLimiter(
  app: FastifyInstance,
  { perMinute, callerOf = addressOf }: LimiterOptions,
): Limiter {
  const check = app.createRateLimit({
    max: perMinute,
    timeWindow: minuteMs,
    keyGenerator: (request) => callerOf(request).slice(0, maxKeyLength),
  });
  return {
    async take(request) {
      const seen = await check(request);
      return seen.isAllowed || !seen.isExceeded ? undefined : seen.ttlInSeconds;
    },
  };
}

/** Whom a client's address stands for: of an IPv6 address, its network. See `TRUST_PROXY` for whose word counts. */
export function addressOf({ ip }: FastifyRequest): string {
  return normalizeIP(ip);
}
