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
import { configuredClients, google, googleApiUrl, type Provider } from "@cita/providers";
import { encryptionKeysVariable } from "@cita/token-store";
import { z } from "zod";
import { calendarProviders } from "./calendar-providers.ts";

/** Names the service's schema where it is in PostgreSQL and the URL doesn't. */
export const serviceName = "mcp-calendar";

/** Our client at Google, and where Google is. `configuredClients` says which of them are missing. */
const googleVariables = z.object({
  GOOGLE_CLIENT_ID: z.string().optional(),
  GOOGLE_CLIENT_SECRET: z.string().optional(),
  GOOGLE_AUTHORIZATION_URL: publicUrl.default(google.endpoints.authorizationUrl),
  GOOGLE_TOKEN_URL: publicUrl.default(google.endpoints.tokenUrl),
  GOOGLE_REVOCATION_URL: publicUrl.default(google.endpoints.revocationUrl ?? ""),
  GOOGLE_API_URL: publicUrl.default(googleApiUrl),
  GOOGLE_SCOPES: z.string().default(google.scopes.join(" ")),
});

/** Providers and our clients there, over HTTP and over stdio. */
export const providerVariables = z.object({
  ...googleVariables.shape,
  PROVIDER_HOSTS_AT: httpUrl
    .refine(isLoopbackUrl, "must be an address of this machine, such as http://127.0.0.1:60001")
    .optional(),
});

/** Every variable this service reads; nothing else reads the environment. */
export const variables = z.object({
  MCP_HOST: z.string().default("127.0.0.1"),
  MCP_PORT: listenPort.default(60_000),
  MCP_PUBLIC_URL: publicUrl.optional(),
  MCP_HEADER_ONLY: yesOrNo.optional(),
  MANAGEMENT_HOST: z.string().optional(),
  MANAGEMENT_PORT: listenPort.optional(),
  CALENDAR_SERVICE_KEY: secretKey,
  ...providerVariables.shape,
  TOKEN_ENCRYPTION_KEY: encryptionKeysVariable,
  DATABASE_URL: databaseVariable(serviceName, "file:./data/calendar.db"),
  OAUTH_SUCCESS_URL: publicUrl.optional(),
  ...brandVariables.shape,
  CONSENT_LINK_DAYS: z.coerce.number("must be a number of days").min(0.01).max(365).default(7),
  RETENTION_DAYS: z.coerce.number("must be a number of days").min(1).max(3_650).default(90),
  CALENDAR_CACHE_SECONDS: z.coerce.number("must be a number of seconds").min(0).max(60).default(2),
  TRUST_PROXY: trustedProxies.default(false),
  LINK_PAGES_PER_MINUTE: perMinute.default(60),
  MCP_CALLS_PER_MINUTE: perMinute.default(1_200),
  GOOGLE_USER_QUOTA: perMinute.default(600),
  GOOGLE_PROJECT_QUOTA: perMinute.default(10_000),
  FAILED_KEYS_PER_MINUTE: perMinute.default(20),
  LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"]).default("info"),
});

/** @param providers that may be configured. */
export function createConfigSchema(providers: readonly Provider[]) {
  return z
    .intersection(variables, configuredClients(providers))
    .transform((config) => {
      const MCP_PUBLIC_URL = config.MCP_PUBLIC_URL ?? `http://localhost:${config.MCP_PORT}`;
      const reachedFromHereOnly = isLoopbackHost(config.MCP_HOST) && isLoopbackUrl(MCP_PUBLIC_URL);
      return {
        ...config,
        MCP_PUBLIC_URL,
        MCP_HEADER_ONLY: config.MCP_HEADER_ONLY ?? reachedFromHereOnly,
        reachedFromHereOnly,
      };
    })
    .superRefine((config, context) => {
      const refuse = (variable: string, message: string) =>
        context.addIssue({ code: "custom", path: [variable], message });
      if (config.MCP_HEADER_ONLY && !config.reachedFromHereOnly)
        refuse(
          "MCP_HEADER_ONLY",
          "must not be true when MCP_HOST or MCP_PUBLIC_URL is reachable from elsewhere: anybody could read any customer's calendar",
        );
      for (const [variable, message] of findManagementProblems(config)) refuse(variable, message);
    });
}

export const configSchema = createConfigSchema(calendarProviders);

type Addresses = Pick<
  z.output<typeof variables>,
  "MCP_HOST" | "MCP_PORT" | "MANAGEMENT_HOST" | "MANAGEMENT_PORT"
>;

/** The management address needs host and port, and must differ from the public address. */
function findManagementProblems(config: Addresses): [variable: string, message: string][] {
  const { MCP_HOST, MCP_PORT, MANAGEMENT_HOST: host, MANAGEMENT_PORT: port } = config;
  if (host === undefined && port === undefined) return [];
  if (port === undefined) return [["MANAGEMENT_PORT", "is required where MANAGEMENT_HOST is set"]];
  if (host === undefined)
    return [["MANAGEMENT_HOST", "is required where MANAGEMENT_PORT is set, such as 127.0.0.1"]];
  const isSameHost = host === MCP_HOST || [host, MCP_HOST].some(isAnyAddress);
  if (port === 0 || port !== MCP_PORT || !isSameHost) return [];
  return [["MANAGEMENT_PORT", "must differ from MCP_PORT: both would listen at the same address"]];
}

/** Whether a host stands for every address of this machine. */
export function isAnyAddress(host: string): boolean {
  return ["0.0.0.0", "::", "[::]"].includes(host);
}

/** Where the management paths listen; undefined: at the public address. */
export function managementAddressOf({ MANAGEMENT_HOST: host, MANAGEMENT_PORT: port }: Addresses) {
  return host === undefined || port === undefined ? undefined : { host, port };
}

export type Config = z.output<typeof configSchema>;

/** The configuration that HTTP and stdio have in common. */
export type ServicesConfig = Pick<
  Config,
  | keyof z.output<typeof providerVariables>
  | "clients"
  | "MCP_PUBLIC_URL"
  | "DATABASE_URL"
  | "TOKEN_ENCRYPTION_KEY"
  | "GOOGLE_USER_QUOTA"
  | "GOOGLE_PROJECT_QUOTA"
  | "CONSENT_LINK_DAYS"
  | "RETENTION_DAYS"
  | "CALENDAR_CACHE_SECONDS"
  | "LOG_LEVEL"
>;
