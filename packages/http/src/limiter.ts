import rateLimit, { normalizeIP } from "@fastify/rate-limit";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { FixedWindowStore } from "./fixed-window-store.ts";

/** Limits the requests of each caller a minute. Counted in memory, by each process separately. */
export type Limiter = {
  /** Counts a request. @returns undefined where it is within the limit, else the seconds to wait. */
  take(request: FastifyRequest): Promise<number | undefined>;
};

export type LimiterOptions = {
  perMinute: number;
  /** The caller of a request. Default: the client's address, of an IPv6 address its /64 network. */
  callerOf?: (request: FastifyRequest) => string;
};

const minuteMs = 60_000;

/** Bounds the memory: an `X-Forwarded-For` may be longer than any address or customer id. */
const maxKeyLength = 64;

/** To be called once, before the first `createLimiter`. */
export async function registerLimits(app: FastifyInstance): Promise<void> {
  await app.register(rateLimit, { global: false, store: FixedWindowStore });
}

/** Makes a limiter with counts of its own. */
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

/** The client's address, of an IPv6 address its /64 network. `TRUST_PROXY` says whether `X-Forwarded-For` counts. */
export function addressOf({ ip }: FastifyRequest): string {
  return normalizeIP(ip);
}
