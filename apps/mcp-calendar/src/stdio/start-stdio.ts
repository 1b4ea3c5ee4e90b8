/**
 * `cita-calendar`: the tools served over stdio to one client on the business's own machine, with the consent pages while
 * they are needed. Tools, calendars and storage are those of the HTTP service, wired by `../services.ts`.
 */

import type { Readable, Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { databasePath } from "@cita/database";
import { createBrand } from "@cita/http/brand";
import type { McpCaller, McpServerFactory } from "@cita/mcp-endpoint";
import { createLogger, type Logger, type RunningService } from "@cita/process";
import type { ConsentLink } from "@cita/token-store";
import { StdioServerTransport, serveStdio } from "@modelcontextprotocol/server/stdio";
import type { ProblemExplanation } from "../calendars/provider-calendar.ts";
import type { ManagedConnections } from "../management/connections.ts";
import { createServices } from "../services.ts";
import type { StdioConfig } from "./config.ts";
import { type ConsentListener, createConsentListener, PortTakenError } from "./consent-listener.ts";
import { readOrMakeEncryptionKey } from "./encryption-key.ts";
import { type ConnectionOffer, createExplainToOwner, explainRefusedClient } from "./explain-to-owner.ts";
import { readableLines } from "./readable-lines.ts";

export type StdioOptions = {
  input: Readable;
  /** For protocol messages only. */
  output: Writable;
  /** For the log, and for sentences to the user. */
  notes: Writable;
  now?: () => number;
};

/** A client that has closed the input kills the process after a second or two. */
const graceMs = 500;

/** Serves the tools to one client, and ends when the client closes the input. */
export async function startStdio(config: StdioConfig, options: StdioOptions): Promise<RunningService> {
  const { input, output, notes, now = Date.now } = options;
  const logger = createLogger(config.LOG_LEVEL, notes);
  const encryptionKeys = config.TOKEN_ENCRYPTION_KEY ?? readOrMakeEncryptionKey(config.DATABASE_URL);
  const services = await createServices(
    { ...config, TOKEN_ENCRYPTION_KEY: encryptionKeys },
    { logger, now, calendarWatch: null },
  );
  const { connections, createMcpServer, writeInstructions } = services;
  const writeNote = createNoteWriter(notes);
  let refused: RefusedLink | undefined;
  const listener = createConsentListener({
    port: config.MCP_PORT,
    secret: `${encryptionKeys} ${databasePath(config.DATABASE_URL)}`,
    logger,
    store: services.storage.store,
    clients: services.clients,
    publicUrl: services.publicUrl,
    tryConnection: services.tryConnection,
    findObstacle: services.findObstacle,
    findLanguage: services.findLanguage,
    brand: createBrand(),
    successUrl: config.OAUTH_SUCCESS_URL,
    onClientRefused: (link, provider) => {
      refused = { link, explanation: explainRefusedClient(provider) };
      writeNote(`${refused.explanation.description} ${refused.explanation.remedy}`);
    },
    now,
  });
  const offerConnection = createConnectionOffer({
    connections,
    listener,
    writeNote,
    findRefusal: (url) =>
      refused && url.endsWith(`/${refused.link.token}`) ? refused.explanation : undefined,
    customerId: config.CUSTOMER_ID,
  });
  const customerId = config.CUSTOMER_ID;
  const caller: McpCaller = {
    customerId,
    audience: "business",
    attendee: undefined,
    waitSeconds: undefined,
    log: logger,
    explainFailure: createExplainToOwner({
      offerConnection,
      explainProblem: services.explainProblem,
      findProvider: () => services.findProvider(customerId),
    }),
  };
  const { ended, close } = serveLines({
    input,
    output,
    logger,
    createServer: async () => createMcpServer(caller, await writeInstructions(customerId)),
  });
  await services.start();
  services.startBackground();

  return {
    ended,
    async close() {
      await close();
      // What still waits for a provider after the grace time is settled at the next start, as after a crash.
      await Promise.race([
        Promise.all([services.stopBackground(), listener.close()]).then(services.close),
        sleep(graceMs, undefined, { ref: false }),
      ]);
    },
  };
}

type LineOptions = Pick<StdioOptions, "input" | "output"> & {
  logger: Logger;
  createServer: () => Promise<ReturnType<McpServerFactory>>;
};

/** Connects the SDK's transport, and refuses the lines that it would drop. */
function serveLines({ input, output, logger, createServer }: LineOptions) {
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

type RefusedLink = { readonly link: ConsentLink; readonly explanation: ProblemExplanation };

type OfferDeps = {
  connections: Pick<ManagedConnections, "issueConsentLink">;
  listener: ConsentListener;
  writeNote: (sentence: string) => void;
  /** Why a consent by this link has failed where the provider refuses our client: the next one would too. */
  findRefusal: (url: string) => ProblemExplanation | undefined;
  customerId: string;
};

/** Writes sentences for the user to stderr. A sentence that repeats the one before is left out. */
function createNoteWriter(notes: Writable): (sentence: string) => void {
  let last: string | undefined;
  return (sentence) => {
    if (sentence !== last) notes.write(`${sentence}\n`);
    last = sentence;
  };
}

/** Serves the consent pages, and returns the link to them, which is also written to stderr. */
function createConnectionOffer({ connections, listener, writeNote, findRefusal, customerId }: OfferDeps) {
  return async (): Promise<ConnectionOffer> => {
    try {
      await listener.open();
    } catch (error) {
      if (!(error instanceof PortTakenError)) throw error;
      writeNote(`cita-calendar can't offer a way to connect the calendar. ${error.message} ${portRemedy}`);
      return { description: error.message, remedy: portRemedy };
    }
    const { shareable_link: url } = await connections.issueConsentLink({ customer_id: customerId });
    const refusal = findRefusal(url);
    if (refusal !== undefined) return refusal;
    writeNote(`To connect the calendar, open ${url}`);
    return { url };
  };
}

const portRemedy =
  "Stop that program, or set MCP_PORT to a free port, register http://localhost:<that port>/oauth/callback (Google; /oauth/callback/<provider> elsewhere) with your OAuth client, and start Cita again.";
