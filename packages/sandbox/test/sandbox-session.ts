import { createHash } from "node:crypto";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import type { calendar_v3 } from "@googleapis/calendar";
import type { FastifyInstance, InjectOptions } from "fastify";
import type { Test } from "tap";
import { buildSandbox, SANDBOX_CLIENT, type SandboxOptions, type TokenResponse } from "../src/index.ts";

export const EVENTS = eventsPath("primary");
export const CALENDAR_SCOPE = "https://www.googleapis.com/auth/calendar.events";
export const REDIRECT_URI = "http://localhost:60000/oauth/callback";
export const VERIFIER = "a-verifier-of-forty-three-characters-or-more";
export const CHALLENGE = createHash("sha256").update(VERIFIER).digest("base64url");

/** Monday 2027-01-18, 09:00 in Bogotá. */
export const MONDAY_MS = Date.parse("2027-01-18T09:00:00-05:00");

/** A calendar's events, with its id written as Google's own client writes it. */
export function eventsPath(calendarId: string): string {
  return `/calendar/v3/calendars/${encodeURIComponent(calendarId)}/events`;
}

/** A sandbox with a clock that stands still until a test moves it. */
export function startSandbox(
  t: { after: (close: () => Promise<void>) => void },
  options: SandboxOptions = {},
) {
  const clock = { ms: MONDAY_MS };
  const app = buildSandbox({ now: () => clock.ms, ...options });
  t.after(() => app.close());
  return { app, clock };
}

/** A state file not there yet, and what starts one sandbox after another with it. */
export function prepareStateFile(t: Test) {
  const folder = join(t.testdir(), "made", "when-missing");
  const stateFile = join(folder, "state.json");
  return { folder, stateFile, begin: () => startSandbox(t, { stateFile }) };
}

/** A sandbox started with what a kill would leave behind now. */
export function startAfterKill(t: Test, stateFile: string): FastifyInstance {
  const left = `${stateFile}.left`;
  copyFileSync(stateFile, left);
  return startSandbox(t, { stateFile: left }).app;
}

/** A request to the sandbox's controls. */
export const control = (path: string, payload?: object): InjectOptions => ({
  method: "POST",
  url: `/_sandbox/${path}`,
  ...(payload && { payload }),
});

export const addFault = (app: FastifyInstance, payload: object) => app.inject(control("faults", payload));

export type Params = Record<string, string | string[] | undefined>;

/** What our client asks for; a test overrides one thing, or removes it with `undefined`. */
export function authorizationParams(overrides: Params = {}): Params {
  return {
    client_id: SANDBOX_CLIENT.id,
    redirect_uri: REDIRECT_URI,
    response_type: "code",
    scope: `openid email ${CALENDAR_SCOPE}`,
    state: "the-state",
    code_challenge: CHALLENGE,
    code_challenge_method: "S256",
    access_type: "offline",
    ...overrides,
  };
}

export function encode(params: Params): string {
  const encoded = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    for (const one of value === undefined ? [] : [value].flat()) encoded.append(name, one);
  }
  return encoded.toString();
}

export function form(url: string, params: Params): InjectOptions & { method: "POST" } {
  return {
    method: "POST",
    url,
    payload: encode(params),
    headers: { "content-type": "application/x-www-form-urlencoded" },
  };
}

/** Answers the consent page; everything ticked and allowed unless told otherwise. */
export async function answerConsent(app: FastifyInstance, overrides: Params = {}): Promise<URLSearchParams> {
  const params = { account: "ana@example.com", action: "allow", granted: CALENDAR_SCOPE, ...overrides };
  const response = await app.inject(form("/o/oauth2/v2/auth", authorizationParams(params)));
  return new URL(String(response.headers.location)).searchParams;
}

export function codeForm(code: string | null, overrides: Params = {}): InjectOptions & { method: "POST" } {
  return form("/token", {
    grant_type: "authorization_code",
    client_id: SANDBOX_CLIENT.id,
    client_secret: SANDBOX_CLIENT.secret,
    code: code ?? "",
    redirect_uri: REDIRECT_URI,
    code_verifier: VERIFIER,
    ...overrides,
  });
}

export function refreshForm(
  refreshToken: string | undefined,
  overrides: Params = {},
): InjectOptions & { method: "POST" } {
  return form("/token", {
    grant_type: "refresh_token",
    client_id: SANDBOX_CLIENT.id,
    client_secret: SANDBOX_CLIENT.secret,
    refresh_token: refreshToken,
    ...overrides,
  });
}

/** Consents and exchanges the code. */
export async function signIn(app: FastifyInstance, overrides: Params = {}): Promise<TokenResponse> {
  const answer = await answerConsent(app, overrides);
  return (await app.inject(codeForm(answer.get("code")))).json<TokenResponse>();
}

type CallOptions = { payload?: object; headers?: Record<string, string> };

/** Calls a calendar's events collection (or what `path` adds to it) as one account. */
export function calendarCaller(
  app: FastifyInstance,
  { access_token }: TokenResponse,
  calendarId = "primary",
) {
  return (method: "GET" | "POST" | "PATCH" | "PUT" | "DELETE", path = "", options: CallOptions = {}) =>
    app.inject({
      method,
      url: `${eventsPath(calendarId)}${path}`,
      ...(options.payload && { payload: options.payload }),
      headers: { authorization: `Bearer ${access_token}`, ...options.headers },
    });
}

export type TestEvent = { summary?: string; start: unknown; end: unknown; [field: string]: unknown };

/** Makes an account with these events, signs it in, and gives what calls its calendar. */
export async function calendarOf(
  app: FastifyInstance,
  events: TestEvent[] = [],
  timeZone = "America/Bogota",
) {
  const made = await app.inject({
    method: "POST",
    url: "/_sandbox/accounts",
    payload: { email: "ana@example.com", time_zone: timeZone, events },
  });
  if (made.statusCode !== 201) throw new Error(made.body);
  const call = calendarCaller(app, await signIn(app));
  const list = async (params: Params = {}) =>
    (await call("GET", `?${encode(params)}`)).json<calendar_v3.Schema$Events>();
  return { call, list };
}

export function summaries({ items }: calendar_v3.Schema$Events): (string | null | undefined)[] {
  return (items ?? []).map(({ summary }) => summary);
}
