import { join } from "node:path";
import { createLogger } from "@cita/process";
import { generateFernetKey } from "@cita/token-store";
import type { Test } from "tap";
import { buildApp as buildAdminApi } from "../../apps/admin-api/src/app.ts";
import { configSchema as adminConfigSchema } from "../../apps/admin-api/src/config.ts";
import { createServices as createAdminServices } from "../../apps/admin-api/src/services.ts";
import type { BookingTiming } from "../../apps/mcp-calendar/src/bookings/sweeper.ts";
import type { WatchTiming } from "../../apps/mcp-calendar/src/calendar-states/calendar-watch.ts";
import type { UpstreamPolicyOptions } from "../../apps/mcp-calendar/src/calendars/upstream/upstream-policy.ts";
import { configSchema } from "../../apps/mcp-calendar/src/config.ts";
import type { PurgerTiming } from "../../apps/mcp-calendar/src/retention/purger.ts";
import { serve } from "../../apps/mcp-calendar/src/serve.ts";
import { createServices } from "../../apps/mcp-calendar/src/services.ts";
import { type Browser, createBrowser, type Page } from "./browser.ts";
import { freePort } from "./free-port.ts";
import { createGoogleCalls } from "./google-calls.ts";
import { controlSandbox, type GoogleServer, googleVariables, startSandbox } from "./local-google.ts";
import { createSecrets, refuseLeaks } from "./secrets.ts";
import { makeTestFolder } from "./test-folder.ts";
import { adminKey, serviceKey } from "./test-keys.ts";
import { readToolResult } from "./tool-result.ts";

export type { GoogleServer } from "./local-google.ts";
export { adminKey, serviceKey } from "./test-keys.ts";
export { readToolResult } from "./tool-result.ts";

/** A Sunday evening in Bogotá, so that the week ahead is whole. */
export const sundayEvening = Date.parse("2027-01-17T23:00:00Z");

export type World = Awaited<ReturnType<typeof createWorld>>;

/** Tests let Google fail far more often than it does: only one that is about it meets the breaker. */
const calm: Partial<UpstreamPolicyOptions> = {
  failuresInARow: 100_000,
  unansweredInARow: 100_000,
  failingCustomers: 100_000,
  repeatAfterMs: 20,
};

type WorldOptions = {
  now?: number;
  /** Otherwise the clock stands still, and the test moves it. */
  clockRuns?: boolean;
  timing?: BookingTiming;
  successUrl?: string;
  purging?: PurgerTiming;
  upstream?: Partial<UpstreamPolicyOptions>;
  googleTimeoutMs?: number;
  /** Off unless a test is about it: the clock of a test stands still. */
  cacheSeconds?: number;
  /** What is told of a service's state stands as long as it does outside of tests. */
  stateIsCached?: boolean;
  /** Off unless a test is about it: it would ask Google when the test doesn't expect it. */
  calendarWatch?: WatchTiming;
  /** Further variables, of either service. */
  variables?: Record<string, string>;
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
  const stateCache = options.stateIsCached ? undefined : { successMs: 0, failureMs: 0 };
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

  async function startMcpCalendar() {
    const config = configSchema.parse({
      MCP_PORT: mcpPort,
      MCP_PUBLIC_URL: mcpUrl,
      CALENDAR_SERVICE_KEY: serviceKey,
      ...googleVariables(google),
      TOKEN_ENCRYPTION_KEY: encryptionKey,
      DATABASE_URL: `file:${join(folder, "calendar.db")}`,
      OAUTH_SUCCESS_URL: options.successUrl,
      CALENDAR_CACHE_SECONDS: options.cacheSeconds ?? 0,
      // Otherwise a test is one address that plays all businesses and all of their agents.
      LINK_PAGES_PER_MINUTE: 100_000,
      MCP_CALLS_PER_MINUTE: 100_000,
      ...options.variables,
    });
    const services = await createServices(config, {
      logger,
      now,
      timing: options.timing,
      purging: options.purging,
      googleTimeoutMs: options.googleTimeoutMs,
      upstream: options.upstream ?? calm,
      readyCache: stateCache,
      countsCache: stateCache,
      calendarWatch: options.calendarWatch ?? null,
    });
    return { ...(await serve(services, config)), db: services.storage.db, store: services.storage.store };
  }

  let mcp = await startMcpCalendar();
  t.teardown(() => mcp.app.close());

  async function startAdminApi(port: number) {
    const config = adminConfigSchema.parse({
      ADMIN_PORT: port,
      ADMIN_PUBLIC_URL: `http://127.0.0.1:${port}`,
      ADMIN_API_KEY: adminKey,
      ADMIN_DATABASE_URL: `file:${join(folder, "admin.db")}`,
      CALENDAR_URL: managementUrl,
      CALENDAR_SERVICE_KEY: serviceKey,
      ...options.variables,
    });
    const overrides = { logger, calendarTimeoutMs: 2_000, readyCache: stateCache };
    const app = await buildAdminApi(await createAdminServices(config, overrides), config);
    await app.listen({ host: config.ADMIN_HOST, port });
    return app;
  }
  const adminPort = await freePort();
  let admin = await startAdminApi(adminPort);
  t.teardown(() => admin.close());
  const adminUrl = `http://127.0.0.1:${adminPort}`;

  const api = async (method: string, path: string, body?: unknown, key = adminKey) => {
    const headers: Record<string, string> = { authorization: `Bearer ${key}` };
    if (body !== undefined) headers["content-type"] = "application/json";
    const response = await fetch(`${adminUrl}${path}`, { method, headers, body: JSON.stringify(body) });
    return { status: response.status, body: JSON.parse(await response.text()) };
  };

  const sandbox = (method: string, path: string, body?: unknown) =>
    controlSandbox(googleUrl, method, path, body);

  const connect = (customerId: string, extra: object = {}) =>
    api("POST", "/v1/customer-calendars/connect", {
      customer_id: customerId,
      customer_email: `${customerId}@example.com`,
      customer_name: `Business ${customerId}`,
      ...extra,
    });

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
    api,
    sandbox,
    connect,
    get mcp() {
      return mcp;
    },
    get admin() {
      return admin;
    },
    /** Stops both services and starts them again over the same files. */
    async restart() {
      await Promise.all([mcp.app.close(), admin.close()]);
      mcp = await startMcpCalendar();
      admin = await startAdminApi(adminPort);
    },
    stopMcpCalendar: () => mcp.app.close(),

    /** The business's part: opens the link, continues, and answers at Google. */
    async consent(
      link: string,
      answer: ConsentAnswer = {},
      browser: Browser = createBrowser(),
    ): Promise<Page> {
      const linkPage = await browser.open(link);
      const googlePage = await browser.submit(linkPage);
      const asked =
        answer.account === undefined ? googlePage : await chooseAccount(browser, googlePage, answer.account);
      return browser.submit(asked, { action: answer.action ?? "allow", granted: answer.granted });
    },

    /** A customer whose business has consented, with an empty calendar unless events are given. */
    async connected(
      customerId: string,
      account: { events?: object[]; calendars?: object[]; time_zone?: string } = {},
    ): Promise<void> {
      await sandbox("POST", "accounts", {
        email: `${customerId}@example.com`,
        time_zone: account.time_zone ?? "America/Bogota",
        events: account.events ?? [],
        calendars: account.calendars ?? [],
      });
      const { body } = await connect(customerId);
      const page = await this.consent(body.shareable_link);
      if (page.status !== 200) throw new Error(`the consent failed: ${page.text}`);
    },

    /** What a person does in the calendar itself. */
    async byHand(customerId: string, method: string, eventId?: string, body?: object): Promise<void> {
      const connection = await mcp.store.connections.find({ customerId, provider: "google" });
      const response = await fetch(
        `${googleUrl}/calendar/v3/calendars/primary/events${eventId ? `/${eventId}` : ""}`,
        {
          method,
          headers: { authorization: `Bearer ${connection?.accessToken}`, "content-type": "application/json" },
          body: JSON.stringify(body),
        },
      );
      if (!response.ok) throw new Error(await response.text());
    },

    /** The literal request of an agent without any library. */
    async rpc(body: unknown, headers: Record<string, string> = {}) {
      const response = await fetch(`${mcpUrl}/mcp`, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: typeof body === "string" ? body : JSON.stringify(body),
      });
      const text = await response.text();
      return {
        status: response.status,
        headers: response.headers,
        body: text === "" ? undefined : JSON.parse(text),
      };
    },

    async call(customerId: string, name: string, args: object) {
      const request = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name, arguments: args } };
      const { body } = await this.rpc(request, { "x-customer-id": customerId });
      return readToolResult(body.result);
    },
  };
}

export type ConsentAnswer = { account?: string; action?: "allow" | "deny"; granted?: string[] };

async function chooseAccount(browser: Browser, googlePage: Page, account: string): Promise<Page> {
  const url = new URL(googlePage.url);
  url.searchParams.set("login_hint", account);
  return browser.open(url.href);
}
