import { nameDatabase } from "@cita/database";
import { readConfig } from "@cita/process";
import { dayMs } from "@cita/scheduling";
import {
  createKeyRing,
  type Forgotten,
  generateFernetKey,
  type RotationProgress,
  rotateKeys,
} from "@cita/token-store";
import { serviceName, variables } from "../apps/mcp-calendar/src/config.ts";
import { findDatabases } from "./db/service-databases.ts";
import { developmentEnvironment, readGivenEnvironment, readSecret } from "./development-environment.ts";
import { isRotationComplete, rotationText, type ServiceRotation } from "./keys/rotation-text.ts";
import { findSealed, type OpenedService, openSealed } from "./keys/sealed-services.ts";
import { missingKeys, type ServiceKeys } from "./keys/service-keys.ts";
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
  if (command === "status" && args.length === 1) return withServices(status);
  if (command === "rotate" && args.length === 1) return withServices(rotate);
  if (command === "forget" && fingerprint !== undefined && rest.length === 0) {
    return withServices((services) => forget(services, fingerprint));
  }
  throw new UsageError(usage);
});

function generate(): number {
  process.stdout.write(`${generateFernetKey()}

This is a new key. It is shown once and stored nowhere.

1. Put it FIRST in TOKEN_ENCRYPTION_KEY, before the keys that are there, with a comma in between.
   Keep the old ones: what is stored still needs them.
2. Restart every mcp-calendar, and every integrations where it runs.
3. npm run keys -- rotate
`);
  return 0;
}

async function status(services: readonly OpenedService[]): Promise<number> {
  const reports = await readReports(services);
  process.stdout.write(statusText(reports));
  return missingKeys(reports).length === 0 ? 0 : 1;
}

async function readReports(services: readonly OpenedService[]): Promise<ServiceKeys[]> {
  return Promise.all(
    services.map(async ({ service, sealed }) => ({ service, report: await sealed.check() })),
  );
}

async function rotate(services: readonly OpenedService[]): Promise<number> {
  const names = services.map(({ service }) => service.name).join(" and every ");
  process.stdout.write(
    `Sealing with ${services[0]?.keys.primaryFingerprint}. Every ${names} that runs must know this key: restart it first.\n`,
  );
  const rotations: ServiceRotation[] = [];
  for (const { service, sealed } of services)
    rotations.push({ service, ...(await rotateKeys(sealed, createProgressPrinter())) });
  process.stdout.write(rotationText(rotations));
  return isRotationComplete(rotations) ? 0 : 1;
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

async function forget(services: readonly OpenedService[], fingerprint: string): Promise<number> {
  const reports = await readReports(services);
  const known = reports.flatMap(({ report }) => report.keys.map((use) => use.fingerprint ?? "unrecorded"));
  if (!known.includes(fingerprint)) throw new UsageError(`Nothing is sealed with a key ${fingerprint}.`);
  const lost = fingerprint === "unrecorded" ? null : fingerprint;
  const forgotten: Forgotten[] = [];
  for (const opened of services) {
    const { service } = opened;
    forgotten.push(await service.forget(opened, lost, createOwnerPrinter(service.afterForgetting)));
  }
  const count = (what: keyof Forgotten) => forgotten.reduce((sum, one) => sum + one[what].length, 0);
  process.stdout.write(
    `Connections deleted: ${count("disconnected")}. Links revoked: ${count("unlinked")}.\n`,
  );
  return 0;
}

/** Prints whom each batch is about at once, since nobody can be told any more where the command is interrupted. */
function createOwnerPrinter(introduction: string): (batch: Forgotten) => void {
  const printed = new Set<string>();
  return ({ disconnected, unlinked }) => {
    const owners = new Set([...disconnected, ...unlinked]).difference(printed);
    if (owners.size === 0) return;
    for (const owner of owners) printed.add(owner);
    process.stdout.write(`${introduction}: ${[...owners].join(", ")}\n`);
  };
}

/** The services that seal, by their own environment or that of `npm start`. Without mcp-calendar's database there is none. */
async function withServices(act: (services: readonly OpenedService[]) => Promise<number>): Promise<number> {
  const given = await readGivenEnvironment();
  const { variables: environment } = await developmentEnvironment(given, readSecret);
  const config = readConfig(
    variables.pick({ TOKEN_ENCRYPTION_KEY: true, DATABASE_URL: true, CONSENT_LINK_DAYS: true }),
    environment,
  );
  const found = await findSealed(await findDatabases(given, environment));
  if (!found.some(({ service }) => service.name === serviceName))
    throw new Error(
      `There is no ${nameDatabase(config.DATABASE_URL, { service: serviceName })} yet, so nothing is sealed.`,
    );
  const keys = createKeyRing(config.TOKEN_ENCRYPTION_KEY);
  const reconnectLinkMs = config.CONSENT_LINK_DAYS * dayMs;
  const opened: OpenedService[] = [];
  try {
    for (const database of found) opened.push(await openSealed(database, { keys, reconnectLinkMs }));
    return await act(opened);
  } finally {
    await Promise.all(opened.map(({ db }) => db.destroy()));
  }
}
