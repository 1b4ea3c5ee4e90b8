import type { Readable, Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { databasePath } from "@cita/database";
import type { McpCaller, McpServerFactory } from "@cita/mcp-endpoint";
import { createLogger, type Logger, type RunningService } from "@cita/process";
import type { ConsentLink } from "@cita/token-store";
import { StdioServerTransport, serveStdio } from "@modelcontextprotocol/server/stdio";
import { deferCalendar } from "../calendars/deferred-calendar.ts";
import type { createGoogleCalendar } from "../calendars/google-calendar.ts";
import type { Connections } from "../management/connections.ts";
import { createServices } from "../services.ts";
import type { StdioConfig } from "./config.ts";
import { type ConsentListener, createConsentListener, PortTakenError } from "./consent-listener.ts";
import { keptEncryptionKey } from "./encryption-key.ts";
import { type ConnectionOffer, createExplainToOwner, refusedClient } from "./explain-to-owner.ts";
import { readableLines } from "./readable-lines.ts";

export type StdioOptions = {
  /** Where messages come from, and where they go to: nothing else is written there. */
  input: Readable;
  output: Writable;
  /** For people and for the log. */
  notes: Writable;
  now?: () => number;
};

/** A client that has closed its side waits a second or two before it kills. */
const graceMs = 500;

/**
 * Serves the tools to one client over stdio: the business's own, on this machine. It ends when the client
 * closes its side.
 */
export async function startStdio(config: StdioConfig, options: StdioOptions): Promise<RunningService> {
  const { input, output, notes, now = Date.now } = options;
  const logger = createLogger(config.LOG_LEVEL, notes);
  const encryptionKeys = config.TOKEN_ENCRYPTION_KEY ?? keptEncryptionKey(config.DATABASE_URL);
  const services = await createServices(
    { ...config, TOKEN_ENCRYPTION_KEY: encryptionKeys },
    loadCalendarLate,
    { logger, now, calendarWatch: null },
  );
  const { connections, createMcpServer, writeInstructions } = services;
  const tellOnce = createTelling(notes);
  let refusedLink: ConsentLink | undefined;
  const listener = createConsentListener({
    port: config.MCP_PORT,
    secret: `${encryptionKeys} ${databasePath(config.DATABASE_URL)}`,
    logger,
    store: services.storage.store,
    google: services.google,
    oauthClient: services.oauthClient,
    record: services.record,
    onConnected: services.noteStranded,
    tryConnection: services.tryConnection,
    successUrl: config.OAUTH_SUCCESS_URL,
    onClientRefused: (link) => {
      refusedLink = link;
      tellOnce(`${refusedClient.problem} ${refusedClient.remedy}`);
    },
    now,
  });
  const offerConnection = createConnectionOffer({
    connections,
    listener,
    tellOnce,
    isRefused: (url) => refusedLink !== undefined && url.endsWith(`/${refusedLink.token}`),
    customerId: config.CUSTOMER_ID,
  });
  const customerId = config.CUSTOMER_ID;
  const caller: McpCaller = {
    customerId,
    audience: "business",
    attendee: undefined,
    waitSeconds: undefined,
    log: logger,
    explainFailure: createExplainToOwner(offerConnection),
  };
  const { ended, close } = serveLines({
    input,
    output,
    logger,
    createServer: async () => createMcpServer(() => caller, await writeInstructions(customerId)),
  });
  await services.start();
  services.startBackground();

  return {
    ended,
    async close() {
      await close();
      // What still waits for Google by then is settled at the next start, as after a crash.
      await Promise.race([
        Promise.all([services.stopBackground(), listener.close()]).then(services.close),
        sleep(graceMs, undefined, { ref: false }),
      ]);
    },
  };
}

/** Google's client takes longer to load than somebody should wait for the first answer. */
const loadCalendarLate: typeof createGoogleCalendar = (options) =>
  deferCalendar(async () => (await import("../calendars/google-calendar.ts")).createGoogleCalendar(options));

type Lines = Pick<StdioOptions, "input" | "output"> & {
  logger: Logger;
  createServer: () => Promise<ReturnType<McpServerFactory>>;
};

/** The SDK's transport, with an answer for lines that it would pass over. */
function serveLines({ input, output, logger, createServer }: Lines) {
  const lines = readableLines((refusal) => output.write(`${JSON.stringify(refusal)}\n`));
  const transport = new StdioServerTransport(input.pipe(lines), output);
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const { close } = serveStdio(createServer, {
    transport,
    onerror: (error) => logger.debug({ err: error }, "a message was refused"),
  });
  const { onclose } = transport;
  transport.onclose = () => {
    onclose?.();
    end();
  };
  return { ended, close };
}

type OfferDeps = {
  connections: Pick<Connections, "authorize">;
  listener: ConsentListener;
  tellOnce: (sentence: string) => void;
  /** Whether a consent by this link failed because of our client: the next one would too. */
  isRefused: (url: string) => boolean;
  customerId: string;
};

/** Says a sentence to whoever looks at stderr, unless it was the last one said. */
function createTelling(notes: Writable): (sentence: string) => void {
  let told: string | undefined;
  return (sentence) => {
    if (sentence !== told) notes.write(`${sentence}\n`);
    told = sentence;
  };
}

/** The link to the consent, with its pages up and running; also on stderr, for whoever looks there. */
function createConnectionOffer({ connections, listener, tellOnce, isRefused, customerId }: OfferDeps) {
  return async (): Promise<ConnectionOffer> => {
    try {
      await listener.open();
    } catch (error) {
      if (!(error instanceof PortTakenError)) throw error;
      tellOnce(`cita-calendar can't offer a way to connect the calendar. ${error.message} ${portRemedy}`);
      return { problem: error.message, remedy: portRemedy };
    }
    const { shareable_link: url } = await connections.authorize({ customer_id: customerId });
    if (isRefused(url)) return refusedClient;
    tellOnce(`To connect the calendar, open ${url}`);
    return { url };
  };
}

const portRemedy =
  "Stop that program, or set MCP_PORT to a free port, register http://localhost:<that port>/oauth/callback with the Google client, and start Cita again.";
