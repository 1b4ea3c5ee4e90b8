import { z } from "zod";
import { type AccountSnapshot, isEmail } from "./accounts.ts";
import { storedResource } from "./calendar/event-input.ts";
import type { CalendarSnapshot } from "./calendar/event-store.ts";
import { isTimeZone } from "./calendar/event-time.ts";
import type { GrantsSnapshot } from "./oauth/grant-records.ts";

/**
 * To be raised with every change of the shape below that would have an older file misread: it is then refused.
 * A part that older files simply don't have is optional instead.
 */
export const STATE_VERSION = 1;

/** What a sandbox keeps between runs. The stores own their parts; faults, call counts and the id_token key stay out. */
export type SandboxState = {
  version: typeof STATE_VERSION;
  accounts: AccountSnapshot[];
  grants: GrantsSnapshot;
};

const consent = z.strictObject({
  email: z.string().refine(isEmail),
  clientId: z.string(),
  scopes: z.array(z.string()),
});
const refreshToken = consent.extend({ token: z.string(), replaces: z.string().optional() });
const accessToken = consent.extend({ token: z.string(), expiresMs: z.number() });
const code = consent.extend({
  code: z.string(),
  expiresMs: z.number(),
  redirectUri: z.string(),
  challenge: z.strictObject({ method: z.enum(["S256", "plain"]), value: z.string() }),
  offline: z.boolean(),
  nonce: z.string().optional(),
});
const grants: z.ZodType<GrantsSnapshot> = z.strictObject({
  consents: z.array(consent),
  codes: z.array(code),
  accessTokens: z.array(accessToken),
  refreshTokens: z.array(refreshToken),
});

const calendar: z.ZodType<CalendarSnapshot> = z.strictObject({
  updatedMs: z.number(),
  lastEtag: z.number(),
  events: z.array(
    z.strictObject({
      id: z.string(),
      resource: storedResource,
      startMs: z.number(),
      endMs: z.number(),
      updatedMs: z.number(),
    }),
  ),
});
const timeZone = z.string().refine(isTimeZone);
const account: z.ZodType<AccountSnapshot> = z.strictObject({
  email: z.string().refine(isEmail),
  sub: z.string().optional(),
  timeZone,
  calendar,
  calendars: z.array(z.strictObject({ id: z.string().refine(isEmail), timeZone, calendar })).optional(),
});

/** Checks what a file holds before any store believes it. */
export const sandboxState: z.ZodType<SandboxState> = z.strictObject({
  version: z.literal(STATE_VERSION),
  accounts: z.array(account),
  grants,
});
