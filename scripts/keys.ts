import { databaseExists, nameDatabase, openDatabase } from "@cita/database";
import { openEventLog } from "@cita/events";
import { createLogger, readConfig } from "@cita/process";
import { dayMs } from "@cita/scheduling";
import {
  checkKeys,
  createKeyRing,
  type Forgotten,
  forgetKey,
  generateFernetKey,
  openTokenStore,
  type RotationProgress,
  rotateKeys,
  type TokenStoreDeps,
} from "@cita/token-store";
import { serviceName, variables } from "../apps/mcp-calendar/src/config.ts";
import { developmentEnvironment, readGivenEnvironment, readSecret } from "./development-environment.ts";
import { isRotationComplete, rotationText } from "./keys/rotation-text.ts";
import { statusText } from "./keys/status-text.ts";
import { runCommand, UsageError } from "./run-command.ts";

const progressIntervalMs = 1_000;

const usage = `npm run keys -- generate               prints a new key
npm run keys -- status                 says which keys are in use
npm run keys -- rotate                 seals everything with the first key
npm run keys -- forget <fingerprint>   gives up what a lost key has sealed`;

/** `npm run keys`: the keys that tokens and links are sealed with. Prints fingerprints, and a key only when it is new. */
await runCommand(async (args) => {
  const [command, fingerprint, ...rest] = args;
  if (command === "generate" && args.length === 1) return generate();
  if (command === "status" && args.length === 1) return withStore(status);
  if (command === "rotate" && args.length === 1) return withStore(rotate);
  if (command === "forget" && fingerprint !== undefined && rest.length === 0) {
    return withStore((store) => forget(store, fingerprint));
  }
  throw new UsageError(usage);
});

function generate(): number {
  process.stdout.write(`${generateFernetKey()}

This is a new key. It is shown once and stored nowhere.

1. Put it FIRST in TOKEN_ENCRYPTION_KEY, before the keys that are there, with a comma in between.
   Keep the old ones: what is stored still needs them.
2. Restart every mcp-calendar.
3. npm run keys -- rotate
`);
  return 0;
}

async function status(store: TokenStoreDeps): Promise<number> {
  const report = await checkKeys(store);
  process.stdout.write(statusText(report));
  return report.opens === "everything" ? 0 : 1;
}

async function rotate(store: TokenStoreDeps): Promise<number> {
  process.stdout.write(
    `Sealing with ${store.keys.primaryFingerprint}. Every mcp-calendar that runs must know this key: restart it first.\n`,
  );
  const rotation = await rotateKeys({ ...store, onProgress: createProgressPrinter() });
  process.stdout.write(rotationText(rotation));
  return isRotationComplete(rotation) ? 0 : 1;
}

/** Prints the first batch, and then once a second at most. */
function createProgressPrinter(): (progress: RotationProgress) => void {
  let printedAt = Number.NEGATIVE_INFINITY;
  return ({ done, total }) => {
    if (performance.now() - printedAt < progressIntervalMs) return;
    printedAt = performance.now();
    process.stdout.write(`${done} of ${total} rows\n`);
  };
}

async function forget(store: TokenStoreDeps, fingerprint: string): Promise<number> {
  const known = (await checkKeys(store)).keys.map((use) => use.fingerprint ?? "unrecorded");
  if (!known.includes(fingerprint)) throw new UsageError(`Nothing is sealed with a key ${fingerprint}.`);
  const { disconnected, unlinked } = await forgetKey(
    { ...store, onBatch: createCustomerPrinter() },
    fingerprint === "unrecorded" ? null : fingerprint,
  );
  process.stdout.write(`Connections deleted: ${disconnected.length}. Links revoked: ${unlinked.length}.\n`);
  return 0;
}

/** Prints whom each batch is about at once, since nobody can be told any more where the command is interrupted. */
function createCustomerPrinter(): (batch: Forgotten) => void {
  const printed = new Set<string>();
  return ({ disconnected, unlinked }) => {
    const customers = new Set([...disconnected, ...unlinked]).difference(printed);
    if (customers.size === 0) return;
    for (const customer of customers) printed.add(customer);
    process.stdout.write(
      `Ask admin-api for a new link for each of these customers: ${[...customers].join(", ")}\n`,
    );
  };
}

/** The store of mcp-calendar, by its own environment or that of `npm start`. */
async function withStore(act: (store: TokenStoreDeps) => Promise<number>): Promise<number> {
  const { variables: environment } = await developmentEnvironment(await readGivenEnvironment(), readSecret);
  const config = readConfig(
    variables.pick({ TOKEN_ENCRYPTION_KEY: true, DATABASE_URL: true, CONSENT_LINK_DAYS: true }),
    environment,
  );
  const [url, options] = [config.DATABASE_URL, { service: serviceName }];
  if (!(await databaseExists(url, options)))
    throw new Error(`There is no ${nameDatabase(url, options)} yet, so nothing is sealed.`);
  const db = openDatabase(url, { ...options, mustExist: true });
  try {
    const store = {
      ...{ db, keys: createKeyRing(config.TOKEN_ENCRYPTION_KEY) },
      events: await openEventLog({ db, logger: createLogger("silent") }),
      reconnectLinkMs: config.CONSENT_LINK_DAYS * dayMs,
    };
    await openTokenStore(store);
    return await act(store);
  } finally {
    await db.destroy();
  }
}
