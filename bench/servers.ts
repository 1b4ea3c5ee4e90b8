import { join } from "node:path";
import { accountProviders } from "@cita/providers/accounts";
import repository from "../package.json" with { type: "json" };
import { freePort } from "../test/support/free-port.ts";
import { clientVariables } from "../test/support/integrations-world.ts";
import { sendJson } from "./http-client.ts";
import { type StartedProcess, startProcess, untilAnswered } from "./processes.ts";

export type Server = {
  readonly url: string;
  readonly process: StartedProcess;
  /** `performance.now()` at the start of its process. */
  readonly launchedAt: number;
};

/** The commands that production uses. */
const commands = repository.scripts;

export const serviceKey = "d-rC39QW9arQEIGZepYLrI2zvYcwZs6W";
export const adminKey = "nWhorbAcTJVSjPZ19qRsLl40a-_-_b9u";

export type ServiceOptions = {
  folder: string;
  encryptionKey: string;
  googleUrl: string;
  /** Of Calendar v3. Default: `googleUrl`. */
  googleApiUrl?: string;
  /** 0 sends every question to Google. Default: the service's own. */
  cacheSeconds?: number;
  variables?: Record<string, string>;
  /** The file that its log is appended to. Default: stderr. */
  logFile?: string;
};

/** Starts the process; `untilAnswered` waits for it. */
export async function launchService(options: ServiceOptions): Promise<Server> {
  const {
    folder,
    encryptionKey,
    googleUrl,
    googleApiUrl = googleUrl,
    cacheSeconds,
    variables,
    logFile,
  } = options;
  return launch((url, port) =>
    startProcess(commands["start:mcp-calendar"], {
      env: {
        MCP_PORT: port,
        MCP_PUBLIC_URL: url,
        MCP_HEADER_ONLY: "true",
        CALENDAR_SERVICE_KEY: serviceKey,
        GOOGLE_CLIENT_ID: "sandbox-client",
        GOOGLE_CLIENT_SECRET: "sandbox-secret",
        GOOGLE_AUTHORIZATION_URL: `${googleUrl}/o/oauth2/v2/auth`,
        GOOGLE_TOKEN_URL: `${googleUrl}/token`,
        GOOGLE_REVOCATION_URL: `${googleUrl}/revoke`,
        GOOGLE_API_URL: googleApiUrl,
        TOKEN_ENCRYPTION_KEY: encryptionKey,
        DATABASE_URL: `file:${join(folder, "calendar.db")}`,
        LOG_LEVEL: "warn",
        // A benchmark sends the calls of many customers for one.
        MCP_CALLS_PER_MINUTE: "1000000",
        LINK_PAGES_PER_MINUTE: "1000000",
        GOOGLE_USER_QUOTA: "1000000",
        GOOGLE_PROJECT_QUOTA: "1000000",
        ...(cacheSeconds !== undefined && { CALENDAR_CACHE_SECONDS: String(cacheSeconds) }),
        ...variables,
      },
      logs: logFile ?? true,
    }),
  );
}

export type AdminOptions = {
  folder: string;
  calendarUrl: string;
  variables?: Record<string, string>;
  logFile?: string;
};

export async function launchAdmin(options: AdminOptions): Promise<Server> {
  const { folder, calendarUrl, variables, logFile } = options;
  return launch((url, port) =>
    startProcess(commands["start:admin-api"], {
      env: {
        ADMIN_PORT: port,
        ADMIN_PUBLIC_URL: url,
        ADMIN_API_KEY: adminKey,
        CALENDAR_URL: calendarUrl,
        CALENDAR_SERVICE_KEY: serviceKey,
        ADMIN_DATABASE_URL: `file:${join(folder, "admin.db")}`,
        LOG_LEVEL: "warn",
        ...variables,
      },
      logs: logFile ?? true,
    }),
  );
}

/** Where the integration service that a benchmark starts lets browsers end. */
export const redirectUri = "https://app.example/callback";

export type IntegrationsOptions = {
  folder: string;
  encryptionKey: string;
  /** Of admin-api. */
  adminUrl: string;
  /** Where all providers are. */
  providersUrl: string;
  variables?: Record<string, string>;
  logFile?: string;
};

export async function launchIntegrations(options: IntegrationsOptions): Promise<Server> {
  const { folder, encryptionKey, adminUrl, providersUrl, variables, logFile } = options;
  return launch((url, port) =>
    startProcess(commands["start:integrations"], {
      env: {
        ...clientVariables(accountProviders),
        INTEGRATIONS_PORT: port,
        INTEGRATIONS_PUBLIC_URL: url,
        INTEGRATIONS_DATABASE_URL: `file:${join(folder, "integrations.db")}`,
        TOKEN_ENCRYPTION_KEY: encryptionKey,
        ADMIN_API_KEY: adminKey,
        CALENDAR_SERVICE_KEY: serviceKey,
        ADMIN_URL: adminUrl,
        ADMIN_PUBLIC_URL: adminUrl,
        ALLOWED_REDIRECT_URIS: redirectUri,
        PROVIDER_HOSTS_AT: providersUrl,
        LOG_LEVEL: "warn",
        ...variables,
      },
      logs: logFile ?? true,
    }),
  );
}

export async function launchSandbox(): Promise<Server> {
  return launch((_, port) => startProcess(commands.sandbox, { env: { SANDBOX_PORT: port } }));
}

/** @returns the server, once it says that it is ready. @throws where it doesn't in time */
export async function untilReady(server: Server): Promise<Server> {
  await untilAnswered(server.process, () => sendJson({ method: "GET", url: `${server.url}/ready` }));
  return server;
}

async function launch(start: (url: string, port: string) => StartedProcess): Promise<Server> {
  const port = String(await freePort());
  const url = `http://127.0.0.1:${port}`;
  const launchedAt = performance.now();
  return { url, process: start(url, port), launchedAt };
}
