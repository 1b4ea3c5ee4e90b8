import { databaseVariable } from "@cita/database";
import { brandVariables } from "@cita/http/brand";
import {
  httpUrl,
  isLoopbackHost,
  isLoopbackUrl,
  listenPort,
  perMinute,
  publicUrl,
  secretKey,
  trustedProxies,
  yesOrNo,
} from "@cita/process";
import { parseFernetKey } from "@cita/token-store/fernet";
import { z } from "zod";
import type { GoogleClient } from "./people/google-sign-in.ts";

/** Names the service's schema where it is in PostgreSQL and the URL doesn't. */
export const serviceName = "admin-api";

const encryptionKeys = z.string().refine((text) => {
  try {
    for (const key of text.split(",")) parseFernetKey(key.trim());
    return true;
  } catch {
    return false;
  }
}, "must be Fernet keys: make one with npm run keys -- generate");

const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };
const maxLifetimeSeconds = 86_400;

/** `15m`, `24h` or a number of seconds, in seconds. */
const lifetime = z
  .string()
  .regex(/^\d{1,6}[smhd]?$/, "must be a time such as 15m")
  .transform((text) => Number.parseInt(text, 10) * (unitSeconds[text.at(-1) ?? ""] ?? 1))
  .refine((seconds) => seconds >= 60 && seconds <= maxLifetimeSeconds, "must be between 1m and 24h");

/** Every variable this service reads; nothing else reads the environment. */
export const variables = z.object({
  ADMIN_HOST: z.string().default("127.0.0.1"),
  ADMIN_PORT: listenPort.default(3000),
  ADMIN_PUBLIC_URL: publicUrl.optional(),
  ADMIN_DOCS: yesOrNo.optional(),
  ADMIN_API_KEY: secretKey,
  CALENDAR_URL: httpUrl.default("http://127.0.0.1:60000"),
  CALENDAR_SERVICE_KEY: secretKey,
  MCP_PUBLIC_URL: publicUrl.optional(),
  INTEGRATIONS_URL: httpUrl.optional(),
  ADMIN_DATABASE_URL: databaseVariable(serviceName, "file:./data/admin.db"),
  TRUST_PROXY: trustedProxies.default(false),
  FAILED_KEYS_PER_MINUTE: perMinute.default(20),
  ADMIN_ENCRYPTION_KEY: encryptionKeys.optional(),
  JWT_EXPIRES_IN: lifetime.default(900),
  SMTP_HOST: z.string().optional(),
  SMTP_PORT: listenPort.default(587),
  SMTP_USER: z.string().optional(),
  SMTP_PASS: z.string().optional(),
  SMTP_FROM: z.string().optional(),
  GOOGLE_CLIENT_ID: z.string().optional(),
  GOOGLE_CLIENT_SECRET: z.string().optional(),
  GOOGLE_AUTHORIZATION_URL: publicUrl.default("https://accounts.google.com/o/oauth2/v2/auth"),
  GOOGLE_TOKEN_URL: publicUrl.default("https://oauth2.googleapis.com/token"),
  GOOGLE_API_URL: publicUrl.default("https://www.googleapis.com"),
  ...brandVariables.shape,
  GOOGLE_APP_IN_TESTING: yesOrNo.default(false),
  LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"]).default("info"),
});

const complete = variables.refine(
  ({ SMTP_HOST: host, SMTP_FROM: from }) => (host === undefined) === (from === undefined),
  { path: ["SMTP_FROM"], error: "and SMTP_HOST go together: set both or neither" },
);

export const configSchema = complete.transform((config) => {
  const ADMIN_PUBLIC_URL = config.ADMIN_PUBLIC_URL ?? `http://localhost:${config.ADMIN_PORT}`;
  const reachedFromHereOnly = isLoopbackHost(config.ADMIN_HOST) && isLoopbackUrl(ADMIN_PUBLIC_URL);
  return { ...config, ADMIN_PUBLIC_URL, ADMIN_DOCS: config.ADMIN_DOCS ?? reachedFromHereOnly };
});

/** Google's OAuth client for signing people in; undefined: there is none. */
export function googleClientOf(config: Config): GoogleClient | undefined {
  const { GOOGLE_CLIENT_ID: clientId, GOOGLE_CLIENT_SECRET: clientSecret } = config;
  if (clientId === undefined || clientSecret === undefined) return undefined;
  return {
    ...{ clientId, clientSecret, authorizationUrl: config.GOOGLE_AUTHORIZATION_URL },
    ...{ tokenUrl: config.GOOGLE_TOKEN_URL, certsUrl: `${config.GOOGLE_API_URL}/oauth2/v3/certs` },
  };
}

export type Config = z.output<typeof configSchema>;
