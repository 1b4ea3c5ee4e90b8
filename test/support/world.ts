import { join } from "node:path";
import { isPostgresUrl } from "@cita/database";
import { createLogger } from "@cita/process";
import { generateFernetKey } from "@cita/token-store";
import type { Test } from "tap";
import { migrationSets as adminTables } from "../../apps/admin-api/src/migrations.ts";
import { migrationSets as mcpTables } from "../../apps/mcp-calendar/src/storage/migrations.ts";
import { freePort } from "./free-port.ts";
import { googleProvider } from "./google-provider.ts";
import { refuseLeaksInTables } from "./leaks-in-tables.ts";
import { type GoogleServer, googleVariables } from "./local-google.ts";
import { copyMigratedFile } from "./migrated-file.ts";
import { createSecrets, refuseLeaks } from "./secrets.ts";
import { createStandInControls } from "./stand-in-controls.ts";
import { createPostgresUrl, type EngineName, engineOfRun } from "./test-database.ts";
import { makeTestFolder } from "./test-folder.ts";
import { adminKey, serviceKey } from "./test-keys.ts";
import type { StandIn, TestedProvider } from "./tested-provider.ts";
import { createAdminClient, createAgent, createBusiness } from "./world-callers.ts";
import { type ServiceOptions, startServices } from "./world-services.ts";

export type { GoogleServer } from "./local-google.ts";
export { adminKey, serviceKey } from "./test-keys.ts";
export { readToolResult } from "./tool-result.ts";

/** A Sunday evening in Bogotá, so that the week ahead is whole. */
export const sundayEvening = Date.parse("2027-01-17T23:00:00Z");

export type World = Awaited<ReturnType<typeof createWorld>>;

type WorldOptions = ServiceOptions & {
  /** The one that businesses have their calendars at. Default: Google. */
  provider?: TestedProvider | undefined;
  now?: number;
  /** Otherwise the clock stands still, and the test moves it. */
  clockRuns?: boolean;
  /** Starts over what an earlier version has stored. */
  stored?: { encryptionKey: string; googleState: string; restore: (folder: string) => void };
  /** Default: `TEST_DATABASE`, or else SQLite. */
  engine?: EngineName;
  /** Another Google than the sandbox. */
  startGoogle?: (redirectUri: string) => Promise<GoogleServer>;
};

/** What ends with a test: also the evals, which run without one, have that. */
export type Lifetime = Pick<Test, "teardown">;

/** The services' databases: files in the folder, or schemas of the tests' PostgreSQL. @returns their URLs */
async function createDatabases(t: Lifetime, folder: string, options: WorldOptions) {
  const { engine = engineOfRun, stored } = options;
  const [mcp, admin] = [join(folder, "calendar.db"), join(folder, "admin.db")];
  if (stored) return { mcp: `file:${mcp}`, admin: `file:${admin}` };
  if (engine === "postgres") return { mcp: await createPostgresUrl(t), admin: await createPostgresUrl(t) };
  return { mcp: await copyMigratedFile(mcp, mcpTables), admin: await copyMigratedFile(admin, adminTables) };
}

/** Both services and a local provider, over real HTTP, on their own ports and databases. */
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
  const { provider = googleProvider } = options;
  const providerCalls = secrets.alsoWatching(provider.createCalls());
  const startProvider = (): Promise<StandIn> =>
    provider.start(t, providerCalls, { now, stateFile: options.stored?.googleState });
  const standIn = await (options.startGoogle?.(`${mcpUrl}/oauth/callback`).then(asStandIn) ??
    startProvider());
  const { url: providerUrl } = standIn;
  const databases = await createDatabases(t, folder, options);
  refuseLeaksInTables(t, secrets, Object.values(databases).filter(isPostgresUrl));
  const parts = {
    ...{ options, provider, logger, now, encryptionKey, databases, mcpPort, mcpUrl, managementUrl },
    providerVariables: standIn.variables,
  };
  const services = await startServices(t, parts);
  const { adminUrl, restart, stopMcpCalendar, startAnother } = services;
  const admin = createAdminClient(adminUrl);

  async function findAccessToken(customerId: string) {
    const key = { customerId, provider: provider.id };
    const connection = await services.mcp.store.connections.find(key);
    return connection?.accessToken;
  }

  return {
    clock,
    now,
    log,
    provider,
    providerUrl,
    /** Where Google is. */
    get google(): GoogleServer {
      if (standIn.google === undefined) throw new Error("this world has no Google");
      return standIn.google;
    },
    googleUrl: providerUrl,
    encryptionKey,
    /** Only of a stand-in that is started here. */
    providerCalls,
    mcpUrl,
    managementUrl,
    adminUrl,
    databases,
    folder,
    ...createStandInControls(provider, providerUrl),
    get mcp() {
      return services.mcp;
    },
    get admin() {
      return services.admin;
    },
    /** Stops both services and starts them again over the same files. */
    restart,
    stopMcpCalendar,
    startAnother,
    ...admin,
    ...createBusiness({ provider, providerUrl, connect: admin.connect, findAccessToken }),
    ...createAgent(mcpUrl),
  };
}

function asStandIn(google: GoogleServer): StandIn {
  return { url: google.apiUrl, variables: googleVariables(google), google };
}
