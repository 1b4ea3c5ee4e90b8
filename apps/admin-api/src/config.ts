import { findUrlProblem } from "@cita/database";
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
import { z } from "zod";

/** Names the service's schema where it is in PostgreSQL and the URL doesn't. */
export const serviceName = "admin-api";

const databaseUrl = z
  .string()
  .superRefine((url, context) => {
    const problem = findUrlProblem(url, { service: serviceName });
    if (problem !== undefined) context.addIssue({ code: "custom", message: problem });
  })
  .default("file:./data/admin.db");

/** Every variable this service reads; nothing else reads the environment. */
export const variables = z.object({
  ADMIN_HOST: z.string().default("127.0.0.1"),
  ADMIN_PORT: listenPort.default(3000),
  ADMIN_PUBLIC_URL: publicUrl.optional(),
  ADMIN_DOCS: yesOrNo.optional(),
  ADMIN_API_KEY: secretKey,
  CALENDAR_URL: httpUrl.default("http://127.0.0.1:60000"),
  CALENDAR_SERVICE_KEY: secretKey,
  ADMIN_DATABASE_URL: databaseUrl,
  TRUST_PROXY: trustedProxies.default(false),
  FAILED_KEYS_PER_MINUTE: perMinute.default(20),
  BRAND_NAME: z.string().trim().min(1).max(60).default("Cita"),
  GOOGLE_APP_IN_TESTING: yesOrNo.default(false),
  LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"]).default("info"),
});

export const configSchema = variables.transform((config) => {
  const ADMIN_PUBLIC_URL = config.ADMIN_PUBLIC_URL ?? `http://localhost:${config.ADMIN_PORT}`;
  const reachedFromHereOnly = isLoopbackHost(config.ADMIN_HOST) && isLoopbackUrl(ADMIN_PUBLIC_URL);
  return { ...config, ADMIN_PUBLIC_URL, ADMIN_DOCS: config.ADMIN_DOCS ?? reachedFromHereOnly };
});

export type Config = z.output<typeof configSchema>;
