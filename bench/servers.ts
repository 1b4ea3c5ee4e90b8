import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort, type StartedProcess, startProcess } from "./processes.ts";

export type Server = {
  readonly url: string;
  readonly process: StartedProcess;
  /** `performance.now()` of when its process was started. */
  readonly launchedAt: number;
};

export const serviceKey = "bench-service-key-0123456789";

export type ServiceOptions = {
  folder: string;
  encryptionKey: string;
  googleUrl: string;
  /** Where Calendar v3 is, if elsewhere. */
  googleApiUrl?: string;
};

/** Servers are launched, not yet answering: see `untilAnswered`. */
export async function launchService(options: ServiceOptions): Promise<Server> {
  const { folder, encryptionKey, googleUrl, googleApiUrl = googleUrl } = options;
  return launch((url, port) =>
    // As production starts it: npm run start:mcp-calendar.
    startProcess("packages/service/src/launch.js", {
      args: [fileURLToPath(new URL("../apps/mcp-calendar/src/main.ts", import.meta.url))],
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
      },
      logs: true,
    }),
  );
}

export async function launchSandbox(): Promise<Server> {
  return launch((_, port) =>
    startProcess("packages/google-sandbox/src/main.ts", { env: { SANDBOX_PORT: port } }),
  );
}

/** @param answersFile a JSON object: what to answer, by tool or method. */
export async function launchBare(answersFile: string): Promise<Server> {
  return launch((_, port) => startProcess("bench/bare-server.ts", { args: [port, answersFile] }));
}

async function launch(start: (url: string, port: string) => StartedProcess): Promise<Server> {
  const port = String(await freePort());
  const url = `http://127.0.0.1:${port}`;
  const launchedAt = performance.now();
  return { url, process: start(url, port), launchedAt };
}
