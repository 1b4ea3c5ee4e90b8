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
import { type AccountProvider, accountProviders, configuredAccounts } from "@cita/providers/accounts";
import { encryptionKeysVariable } from "@cita/token-store";
import { z } from "zod";

/** Names the service's schema where it is in PostgreSQL and the URL doesn't. */
export const serviceName = "integrations";

/** Where browsers may end: exact addresses, comma-separated. */
const redirectUris = z
  .string()
  .transform((text) => text.split(",").map((uri) => uri.trim()))
  .pipe(z.array(z.url("must be URLs, comma-separated")))
  .default([]);

/** Shortens the schedule of repeated deliveries. */
const retryScale = z.coerce
  .number("must be a number from 0.00001 to 1")
  .min(0.000_01, "must be a number from 0.00001 to 1")
  .max(1, "must be a number from 0.00001 to 1")
  .default(1);

/** Every variable this service reads besides those of its providers; nothing else reads the environment. */
export const variables = z.object({
  INTEGRATIONS_HOST: z.string().default("127.0.0.1"),
  INTEGRATIONS_PORT: listenPort.default(3_008),
  INTEGRATIONS_PUBLIC_URL: publicUrl.optional(),
  INTEGRATIONS_DOCS: yesOrNo.optional(),
  INTEGRATIONS_DATABASE_URL: databaseVariable(serviceName, "file:./data/integrations.db"),
  TOKEN_ENCRYPTION_KEY: encryptionKeysVariable,
  ADMIN_API_KEY: secretKey,
  CALENDAR_SERVICE_KEY: secretKey,
  ADMIN_URL: httpUrl.default("http://127.0.0.1:3000"),
  ADMIN_PUBLIC_URL: publicUrl.default("http://localhost:3000"),
  CALENDAR_URL: httpUrl.default("http://127.0.0.1:60000"),
  ALLOWED_REDIRECT_URIS: redirectUris,
  PROVIDER_HOSTS_AT: httpUrl
    .refine(isLoopbackUrl, "must be an address of this machine, such as http://127.0.0.1:60001")
    .optional(),
  WEBHOOK_ALLOW_PRIVATE: yesOrNo.default(false),
  WEBHOOK_RETRY_SCALE: retryScale,
  RETENTION_DAYS: z.coerce.number("must be a number of days").min(1).max(3_650).default(90),
  TRUST_PROXY: trustedProxies.default(false),
  FAILED_KEYS_PER_MINUTE: perMinute.default(20),
  CONSENTS_PER_MINUTE: perMinute.default(120),
  ...brandVariables.shape,
  LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"]).default("info"),
});

/** @param providers that may be configured. */
export function createConfigSchema(providers: readonly AccountProvider[]) {
  const accounts = configuredAccounts(providers).transform((configured) => ({ accounts: configured }));
  return z.intersection(variables, accounts).transform((config, context) => {
    const { INTEGRATIONS_HOST: host, INTEGRATIONS_PORT: port } = config;
    const INTEGRATIONS_PUBLIC_URL = config.INTEGRATIONS_PUBLIC_URL ?? `http://localhost:${port}`;
    const reachedFromHereOnly = isLoopbackHost(host) && isLoopbackUrl(INTEGRATIONS_PUBLIC_URL);
    if (config.WEBHOOK_ALLOW_PRIVATE && !isLoopbackUrl(INTEGRATIONS_PUBLIC_URL)) {
      const message =
        "is refused where INTEGRATIONS_PUBLIC_URL is public: whoever makes a webhook could reach your network";
      context.addIssue({ code: "custom", path: ["WEBHOOK_ALLOW_PRIVATE"], message });
    }
    const INTEGRATIONS_DOCS = config.INTEGRATIONS_DOCS ?? reachedFromHereOnly;
    return { ...config, INTEGRATIONS_PUBLIC_URL, INTEGRATIONS_DOCS };
  });
}

export const configSchema = createConfigSchema(accountProviders);

export type Config = z.output<typeof configSchema>;
