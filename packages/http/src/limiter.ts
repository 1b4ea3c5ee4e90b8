import { normalizeIP } from "@fastify/rate-limit";
import type { FastifyRequest } from "fastify";
import { createFixedWindows, type Window } from "./fixed-windows.ts";

/** Limits the requests of each caller a minute. */
export type Limiter = {
  /** Counts a request. @returns undefined where it is within the limit, else the seconds to wait. */
  take(request: FastifyRequest): Promise<number | undefined>;
};

export type LimiterOptions = {
  /** Tells the limiter's counts from those of the service's other limiters, at all of its instances. */
  name: string;
  perMinute: number;
  /** The caller of a request. Default: the client's address, of an IPv6 address its /64 network. */
  callerOf?: (request: FastifyRequest) => string;
  /** What the service's instances count together. Default: each counts for itself. */
  sharedCounts?: SharedCounts | undefined;
};

/** As packages/shared-counts has it. */
export type SharedCounts = {
  /** Adds one to what all instances count. `onTotal` is called later, if the other instances can be reached. */
  add(key: string, onTotal: (total: Window) => void): void;
};

const minuteMs = 60_000;

/** Bounds the memory: an `X-Forwarded-For` may be longer than any address or customer id. */
const maxKeyLength = 64;

/**
 * Makes a limiter with counts of its own. Each request is counted in memory and answered at once; what other instances
 * have counted is added to it a moment later.
 */
export function createLimiter({
  name,
  perMinute,
  callerOf = addressOf,
  sharedCounts,
}: LimiterOptions): Limiter {
  const windows = createFixedWindows(minuteMs);
  return {
    async take(request) {
      const caller = callerOf(request).slice(0, maxKeyLength);
      const { requests, ageMs } = windows.count(caller);
      sharedCounts?.add(`${name} ${caller}`, (total) => windows.takeOver(caller, total));
      return requests <= perMinute ? undefined : Math.ceil((minuteMs - ageMs) / 1_000);
    },
  };
}

/** The client's address, of an IPv6 address its /64 network. `TRUST_PROXY` says whether `X-Forwarded-For` counts. */
export function addressOf({ ip }: FastifyRequest): string {
  return normalizeIP(ip);
}
