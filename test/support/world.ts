import { createLogger } from "@cita/process";
import { generateFernetKey } from "@cita/token-store";
import type { Test } from "tap";
import { freePort } from "./free-port.ts";
import { createGoogleCalls } from "./google-calls.ts";
import { controlSandbox, type GoogleServer, startSandbox } from "./local-google.ts";
import { createSecrets, refuseLeaks } from "./secrets.ts";
import { makeTestFolder } from "./test-folder.ts";
import { adminKey, serviceKey } from "./test-keys.ts";
import { createAdminClient, createAgent, createBusiness } from "./world-callers.ts";
import { type ServiceOptions, startServices } from "./world-services.ts";

export type { GoogleServer } from "./local-google.ts";
export { adminKey, serviceKey } from "./test-keys.ts";
export { readToolResult } from "./tool-result.ts";

/** A Sunday evening in Bogotá, so that the week ahead is whole. */
export const sundayEvening = Date.parse("2027-01-17T23:00:00Z");

export type World = Awaited<ReturnType<typeof createWorld>>;

type WorldOptions = ServiceOptions & {
  now?: number;
  /** Otherwise the clock stands still, and the test moves it. */
  clockRuns?: boolean;
  /** Starts over what an earlier version has stored. */
  stored?: { encryptionKey: string; googleState: string; restore: (folder: string) => void };
  /** Another Google than the sandbox. */
  startGoogle?: (redirectUri: string) => Promise<GoogleServer>;
};

/** What ends with a test: also the evals, which run without one, have that. */
export type Lifetime = Pick<Test, "teardown">;

/** Both services and a local Google, over real HTTP, on their own ports and database files. */
export async function createWorld(t: Lifetime, options: WorldOptions = {}) {
  const clock = { now: options.now ?? sundayEvening };
  const begun = performance.now();
  const now = () => clock.now + (options.clockRuns ? Math.floor(performance.now() - begun) : 0);
  const log: string[] = [];
  const logger = createLogger("debug", { write: (line) => log.push(line) });
  const encryptionKey = options.stored?.encryptionKey ?? generateFernetKey();
  const secrets = createSecrets({ adminKey, serviceKey, encryptionKey });
  const folder = makeTestFolder(t);
  options.stored?.restore(folder);
  refuseLeaks(t, secrets, { folder, log: () => log.join("") });
  const mcpPort = await freePort();
  const mcpUrl = `http://127.0.0.1:${mcpPort}`;
  const managementPort = options.variables?.MANAGEMENT_PORT;
  const managementUrl = managementPort === undefined ? mcpUrl : `http://127.0.0.1:${managementPort}`;
  const googleCalls = secrets.alsoWatching(createGoogleCalls());
  const startGoogle =
    options.startGoogle ??
    (() => startSandbox(t, googleCalls, { now, stateFile: options.stored?.googleState }));
  const google = await startGoogle(`${mcpUrl}/oauth/callback`);
  const googleUrl = google.apiUrl;
  const parts = { options, logger, now, google, encryptionKey, folder, mcpPort, mcpUrl, managementUrl };
  const services = await startServices(t, parts);
  const { adminUrl, restart, stopMcpCalendar } = services;
  const admin = createAdminClient(adminUrl);

  async function findAccessToken(customerId: string) {
    const connection = await services.mcp.store.connections.find({ customerId, provider: "google" });
    return connection?.accessToken;
  }

  return {
    clock,
    now,
    log,
    google,
    googleUrl,
    encryptionKey,
    /** Only where Google is the sandbox. */
    googleCalls,
    mcpUrl,
    managementUrl,
    adminUrl,
    folder,
    sandbox: (method: string, path: string, body?: unknown) => controlSandbox(googleUrl, method, path, body),
    get mcp() {
      return services.mcp;
    },
    get admin() {
      return services.admin;
    },
    /** Stops both services and starts them again over the same files. */
    restart,
    stopMcpCalendar,
    ...admin,
    ...createBusiness({ googleUrl, connect: admin.connect, findAccessToken }),
    ...createAgent(mcpUrl),
  };
}
