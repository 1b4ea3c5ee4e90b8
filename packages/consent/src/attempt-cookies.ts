import { createHash } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";

/**
 * What a browser keeps of the attempts that it has begun: a cookie for each, so that a second tab, or a
 * prefetched start, takes nothing from the first. @fastify/cookie has to be registered.
 */
export type AttemptCookies = {
  /** Adds an attempt; the oldest ones are cleared, so that the Cookie header stays short. */
  add(request: FastifyRequest, reply: FastifyReply, attempt: { state: string; verifier: string }): void;
  /** The PKCE verifier of the attempt with this state, if this browser has begun it. */
  verifierOf(request: FastifyRequest, state: string): string | undefined;
  clear(reply: FastifyReply, state: string): void;
};

/** About 170 bytes each. */
const maxAttempts = 5;

/** Longer than a state counts: who comes back too late is still known, and offered a fresh start. */
const maxAgeSeconds = 24 * 3_600;

/** When it was begun (epoch milliseconds, base 36), the state, and the verifier. */
const format = /^([0-9a-z]{1,10})\.([\w-]{16,128})\.([\w-]{43,128})$/;

type Kept = {
  readonly name: string;
  readonly begunAt: number;
  readonly state: string;
  readonly verifier: string;
};

/** @param secure whether the cookies are for https alone, bound to this very host by the prefix `__Host-`. */
export function createAttemptCookies({
  secure,
  now,
}: {
  secure: boolean;
  now: () => number;
}): AttemptCookies {
  const prefix = `${secure ? "__Host-" : ""}cita-state-`;
  const place = { path: "/", secure, httpOnly: true, sameSite: "lax" } as const;
  const nameOf = (state: string) => prefix + createHash("sha256").update(state).digest("hex").slice(0, 16);

  function allOf(request: FastifyRequest): { kept: Kept[]; unreadable: string[] } {
    const kept: Kept[] = [];
    const unreadable: string[] = [];
    for (const [name, value = ""] of Object.entries(request.cookies)) {
      if (!name.startsWith(prefix)) continue;
      const [, begun = "", state = "", verifier = ""] = format.exec(value) ?? [];
      if (name === nameOf(state)) kept.push({ name, begunAt: Number.parseInt(begun, 36), state, verifier });
      else unreadable.push(name);
    }
    return { kept: kept.sort((a, b) => b.begunAt - a.begunAt), unreadable };
  }

  return {
    add(request, reply, { state, verifier }) {
      const { kept, unreadable } = allOf(request);
      const surplus = kept.slice(maxAttempts - 1).map(({ name }) => name);
      for (const name of [...surplus, ...unreadable]) reply.clearCookie(name, place);
      const value = `${now().toString(36)}.${state}.${verifier}`;
      reply.setCookie(nameOf(state), value, { ...place, maxAge: maxAgeSeconds });
    },
    verifierOf: (request, state) => allOf(request).kept.find((one) => one.state === state)?.verifier,
    clear: (reply, state) => void reply.clearCookie(nameOf(state), place),
  };
}
