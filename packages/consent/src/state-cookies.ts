import { createHash, randomBytes } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";

/**
 * A new state (RFC 6749, section 10.12), with a code verifier and its challenge by S256 (RFC 7636, sections 4.1 and
 * 4.2).
 */
export function createState(): { state: string; codeVerifier: string; codeChallenge: string } {
  const codeVerifier = randomBytes(32).toString("base64url");
  return {
    state: randomBytes(24).toString("base64url"),
    codeVerifier,
    codeChallenge: createHash("sha256").update(codeVerifier).digest("base64url"),
  };
}

/**
 * The states of a browser, each in a cookie of its own with its code verifier, so that a second tab or a prefetch doesn't
 * replace the first state. @fastify/cookie has to be registered.
 */
export type StateCookies = {
  /** Adds a state, and clears the cookies of the oldest ones, so that the Cookie header stays short. */
  add(request: FastifyRequest, reply: FastifyReply, added: { state: string; codeVerifier: string }): void;
  /** @returns undefined where this browser wasn't given the state. */
  codeVerifierOf(request: FastifyRequest, state: string): string | undefined;
  clear(reply: FastifyReply, state: string): void;
};

/** A cookie has about 170 bytes. */
const maxStates = 5;

/** Longer than a state is valid, so that a browser that comes back too late is offered the link again. */
const maxAgeSeconds = 24 * 3_600;

/** When the state was made (epoch milliseconds, base 36), the state, and the code verifier. */
const format = /^([0-9a-z]{1,10})\.([\w-]{16,128})\.([\w-]{43,128})$/;

type StateCookie = {
  readonly name: string;
  readonly createdAt: number;
  readonly state: string;
  readonly codeVerifier: string;
};

/**
 * @param options `secure`: whether the cookies are for https alone, bound to this very host by the prefix `__Host-`;
 * `now` is in epoch milliseconds.
 */
export function createStateCookies(options: { secure: boolean; now: () => number }): StateCookies {
  const { secure, now } = options;
  const prefix = `${secure ? "__Host-" : ""}cita-state-`;
  const attributes = { path: "/", secure, httpOnly: true, sameSite: "lax" } as const;
  const nameOf = (state: string) => prefix + createHash("sha256").update(state).digest("hex").slice(0, 16);

  /** The newest first. */
  function parseCookies({ cookies }: FastifyRequest): { valid: StateCookie[]; invalid: string[] } {
    const valid: StateCookie[] = [];
    const invalid: string[] = [];
    for (const [name, value = ""] of Object.entries(cookies)) {
      if (!name.startsWith(prefix)) continue;
      const [, time = "", state = "", codeVerifier = ""] = format.exec(value) ?? [];
      if (name === nameOf(state)) {
        valid.push({ name, createdAt: Number.parseInt(time, 36), state, codeVerifier });
      } else invalid.push(name);
    }
    return { valid: valid.sort((a, b) => b.createdAt - a.createdAt), invalid };
  }

  return {
    add(request, reply, { state, codeVerifier }) {
      const { valid, invalid } = parseCookies(request);
      const surplus = valid.slice(maxStates - 1).map(({ name }) => name);
      for (const name of [...surplus, ...invalid]) reply.clearCookie(name, attributes);
      const value = `${now().toString(36)}.${state}.${codeVerifier}`;
      reply.setCookie(nameOf(state), value, { ...attributes, maxAge: maxAgeSeconds });
    },
    codeVerifierOf: (request, state) =>
      parseCookies(request).valid.find((cookie) => cookie.state === state)?.codeVerifier,
    clear: (reply, state) => void reply.clearCookie(nameOf(state), attributes),
  };
}
