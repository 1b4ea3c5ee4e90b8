import { SANDBOX_CLIENT } from "@cita/sandbox";
import type { Test } from "tap";
import { type Command, runScript } from "./command.ts";
import { freePort } from "./free-port.ts";
import { type GoogleServer, googleVariables } from "./local-google.ts";

/** Both services as in production: each a process with nothing but its environment. */
export type BothProcesses = {
  readonly calendarUrl: string;
  readonly adminUrl: string;
  /** Ends the calendar service and starts it again over the same files. */
  restartCalendar(signal: NodeJS.Signals, keys: string): Promise<void>;
  stopCalendar(): Promise<void>;
  /** One of the repository's scripts, over the same files. Resolves with its exit code. */
  run(script: string, keys: string, ...args: string[]): Promise<number | null>;
  /** All that any of them has printed. */
  output(): string;
};

export type BothOptions = {
  folder: string;
  google: GoogleServer;
  keys: string;
  serviceKey: string;
  adminKey: string;
};

/** They log all they ever log. */
const logLevel = { LOG_LEVEL: "trace" };
/** Google is asked for every question, so that what it answers matters at once. */
const withoutCache = { CALENDAR_CACHE_SECONDS: "0" };
/** One address plays all businesses. */
const manyVisits = { LINK_PAGES_PER_MINUTE: "1000" };

export async function startBothProcesses(t: Test, options: BothOptions): Promise<BothProcesses> {
  const { folder: cwd, google, serviceKey, adminKey } = options;
  const [calendarPort, adminPort] = [await freePort(), await freePort()];
  const calendarUrl = `http://127.0.0.1:${calendarPort}`;
  const adminUrl = `http://127.0.0.1:${adminPort}`;
  const started: Command[] = [];
  const keep = (command: Command) => {
    started.push(command);
    return command;
  };

  const startCalendar = async (keys: string) => {
    const env = {
      ...logLevel,
      ...withoutCache,
      ...manyVisits,
      ...googleVariables(google),
      MCP_PORT: `${calendarPort}`,
      MCP_PUBLIC_URL: calendarUrl,
      CALENDAR_SERVICE_KEY: serviceKey,
      TOKEN_ENCRYPTION_KEY: keys,
    };
    const command = keep(runScript(t, "apps/mcp-calendar/src/main.ts", { cwd, env }));
    await command.printed("Server listening");
    return command;
  };
  let calendar = await startCalendar(options.keys);

  const admin = keep(
    runScript(t, "apps/admin-api/src/main.ts", {
      cwd,
      env: {
        ...logLevel,
        ADMIN_PORT: `${adminPort}`,
        ADMIN_API_KEY: adminKey,
        CALENDAR_URL: calendarUrl,
        CALENDAR_SERVICE_KEY: serviceKey,
      },
    }),
  );
  await admin.printed("Server listening");

  return {
    calendarUrl,
    adminUrl,
    async restartCalendar(signal, keys) {
      await calendar.end(signal);
      calendar = await startCalendar(keys);
    },
    stopCalendar: async () => void (await calendar.end()),
    run(script, keys, ...args) {
      const env = {
        TOKEN_ENCRYPTION_KEY: keys,
        DATABASE_URL: "file:./data/calendar.db",
        ADMIN_DATABASE_URL: "file:./data/admin.db",
        GOOGLE_CLIENT_ID: SANDBOX_CLIENT.id,
      };
      return keep(runScript(t, script, { cwd, env, args })).ended;
    },
    output: () => started.map((command) => command.output()).join(""),
  };
}
