import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { generateFernetKey } from "@cita/token-store";
import type { Test } from "tap";
import { beginConsent } from "./begin-consent.ts";
import { type Command, runScript } from "./command.ts";
import { freePort } from "./free-port.ts";
import { googleProvider } from "./google-provider.ts";

import { createSecrets, refuseLeaks } from "./secrets.ts";
import { createStandInControls } from "./stand-in-controls.ts";
import { createPostgresUrl, type EngineName, engineOfRun } from "./test-database.ts";
import { makeTestFolder } from "./test-folder.ts";
import { serviceKey } from "./test-keys.ts";
import type { StandInOptions, TestedProvider } from "./tested-provider.ts";
import { readToolResult } from "./tool-result.ts";

const steppingClock = new URL("../fixtures/stepping-clock.js", import.meta.url).href;

export type ToolOutcome = ReturnType<typeof readToolResult>;

/** A calendar service in a process of its own. */
export type CalendarProcess = {
  readonly url: string;
  /** Calls a tool as a customer's agent does. Rejects when the process ends meanwhile. @param headers that it adds */
  call(
    customerId: string,
    tool: string,
    args: object,
    headers?: Readonly<Record<string, string>>,
  ): Promise<ToolOutcome>;
  /** A customer whose business has consented, with an empty calendar in Bogota. */
  connect(customerId: string, schedule?: object): Promise<void>;
  /** Its business has given up the account before, and has consented with another one, with an empty calendar. */
  changeAccount(customerId: string): Promise<void>;
  /** The state of a customer's connection, as the admin sees it. */
  connectionState(customerId: string): Promise<string>;
  /** Confirmed bookings, as the admin sees them. */
  bookings(customerId: string): Promise<AdminBooking[]>;
  end(signal?: NodeJS.Signals): Promise<number | null>;
  /** Stops it where it is, as a paused machine is. */
  freeze(): void;
  /** It goes on where it was. */
  thaw(): void;
  /** Sets its clock, by the true time. Until then it is right. */
  stepClock(offsetMs: number): void;
  output(): string;
};

export type AdminBooking = {
  booking_id: string;
  event_id: string;
  start: string;
  end: string;
  invitation: string | null;
};

export type ProcessWorld = Awaited<ReturnType<typeof createProcessWorld>>;

/** Calendar services as processes over one database, that can be killed and started again. Their provider is in this one. */
export async function createProcessWorld(
  t: Test,
  options: Pick<StandInOptions, "rotateRefreshTokens"> & {
    /** Default: Google. */
    provider?: TestedProvider;
    /** Default: that of the run. */
    engine?: EngineName;
    /** In place of an empty database of the test's own. */
    databaseUrl?: string;
  } = {},
) {
  const { provider = googleProvider, rotateRefreshTokens, engine = engineOfRun } = options;
  const encryptionKey = generateFernetKey();
  const secrets = createSecrets({ serviceKey, encryptionKey });
  const providerCalls = secrets.alsoWatching(provider.createCalls());
  const { url: providerUrl, variables } = await provider.start(t, providerCalls, { rotateRefreshTokens });
  const outputs: (() => string)[] = [];
  const cwd = makeTestFolder(t);
  refuseLeaks(t, secrets, { folder: cwd, log: () => outputs.map((output) => output()).join("") });
  const databaseFile = join(cwd, "data", "calendar.db");
  const ownUrl = engine === "postgres" ? createPostgresUrl : () => `file:${databaseFile}`;
  const databaseUrl = options.databaseUrl ?? (await ownUrl(t));
  const env = {
    DATABASE_URL: databaseUrl,
    CALENDAR_SERVICE_KEY: serviceKey,
    TOKEN_ENCRYPTION_KEY: encryptionKey,
    ...variables,
    // Otherwise a test is one address that plays all businesses and all of their agents.
    LINK_PAGES_PER_MINUTE: "100000",
    MCP_CALLS_PER_MINUTE: "100000",
    GOOGLE_USER_QUOTA: "100000",
  };
  const controls = createStandInControls(provider, providerUrl);
  const { sandbox, fault } = controls;

  return {
    providerCalls,
    provider,
    providerUrl,
    encryptionKey,
    /** The working directory of all of them. */
    folder: cwd,
    /** Only where the engine is SQLite. */
    databaseFile,
    databaseUrl,
    ...{ sandbox, fault },

    /** @param script relative to the repository. @param tree another tree of the repository than this one. */
    async start(script: string, extra: Record<string, string> = {}, tree?: string): Promise<CalendarProcess> {
      const port = await freePort();
      const url = `http://127.0.0.1:${port}`;
      const clockFile = join(cwd, `clock-${port}`);
      const service = runScript(t, script, {
        ...{ cwd, tree },
        env: {
          ...{ ...env, MCP_PORT: `${port}`, MCP_PUBLIC_URL: url },
          ...{ NODE_OPTIONS: `--import=${steppingClock}`, CLOCK_OFFSET_FILE: clockFile },
          ...extra,
        },
      });
      outputs.push(service.output);
      await service.printed("Server listening");
      return { url, ...controlProcess(service, clockFile), ...createCallers(url, sandbox, provider) };
    },

    /** A customer's events that aren't cancelled, by time. */
    events: (customerId: string) => controls.readEvents(`${customerId}@example.com`),
    signInOwner: (customerId: string) => controls.signInOwner(`${customerId}@example.com`),
  };
}

/** Ends, pauses and mistimes a process. */
function controlProcess(
  { child, end, output }: Command,
  clockFile: string,
): Pick<CalendarProcess, "end" | "freeze" | "thaw" | "stepClock" | "output"> {
  return {
    end,
    output,
    freeze: () => void child.kill("SIGSTOP"),
    thaw: () => void child.kill("SIGCONT"),
    stepClock(offsetMs) {
      writeFileSync(clockFile, `${offsetMs}`);
      child.kill("SIGUSR2");
    },
  };
}

type ControlSandbox = ReturnType<typeof createStandInControls>["sandbox"];

/** What agents, businesses and the admin ask of a calendar service. */
function createCallers(
  url: string,
  sandbox: ControlSandbox,
  provider: TestedProvider,
): Pick<CalendarProcess, "call" | "bookings" | "connectionState" | "connect" | "changeAccount"> {
  const manage = (method: string, path: string, body?: object) =>
    fetchJson(`${url}${path}`, method, { authorization: `Bearer ${serviceKey}` }, body);

  async function consent(request: ConsentRequest): Promise<void> {
    const { shareable_link } = await manage("POST", "/oauth/authorize", request);
    // A link that takes any account doesn't say which one to offer.
    const page = await (await beginConsent(shareable_link, provider)).answer({
      account: request.customer_email,
    });
    if (page.status >= 400) throw new Error(`the consent failed: ${page.text}`);
  }

  return {
    async call(customerId, tool, args, more = {}) {
      const params = { name: tool, arguments: args };
      const request = { jsonrpc: "2.0", id: 1, method: "tools/call", params };
      const headers = { "x-customer-id": customerId, ...more };
      const { result } = await fetchJson(`${url}/mcp`, "POST", headers, request);
      return readToolResult(result);
    },

    async bookings(customerId) {
      const { bookings } = await manage("GET", `/customers/${customerId}/bookings?status=confirmed`);
      return bookings;
    },

    async connectionState(customerId) {
      return (await manage("GET", `/customers/${customerId}/connection`)).status;
    },

    async connect(customerId, schedule) {
      const email = `${customerId}@example.com`;
      await sandbox("POST", "accounts", { email, time_zone: "America/Bogota", events: [] });
      await consent({ customer_id: customerId, customer_email: email });
      if (schedule !== undefined) await manage("PUT", `/customers/${customerId}/schedule`, schedule);
    },

    async changeAccount(customerId) {
      await manage("DELETE", `/customers/${customerId}/connection`);
      const email = `${customerId}@example.com`;
      const sub = `other-${customerId}`;
      await sandbox("POST", "accounts", { email, sub, time_zone: "America/Bogota", events: [] });
      await consent({ customer_id: customerId, customer_email: email, any_account: true });
    },
  };
}

type ConsentRequest = { customer_id: string; customer_email: string; any_account?: boolean };

async function fetchJson(url: string, method: string, headers: Record<string, string>, body?: object) {
  const response = await fetch(url, {
    method,
    headers: { ...(body && { "content-type": "application/json" }), ...headers },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok)
    throw new Error(`${method} ${url}: ${response.status} ${text}`, { cause: response.status });
  return JSON.parse(text);
}
