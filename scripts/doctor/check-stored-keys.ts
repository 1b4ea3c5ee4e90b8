import { migrationState, openDatabase } from "@cita/database";
import {
  createKeyRing,
  findDamagedConnections,
  formatKeyUse,
  type KeyReport,
  type KeyRing,
  type KeyUse,
  type SealedRows,
} from "@cita/token-store";
import { serviceName } from "../../apps/mcp-calendar/src/config.ts";
import type { ServiceDatabase } from "../db/service-databases.ts";
import { findSealed, type KeysDatabase } from "../keys/sealed-services.ts";
import { configuredKeys, missingKeys, type ServiceKeys } from "../keys/service-keys.ts";
import { keySteps } from "../keys/status-text.ts";
import { type Finding, note, ok, problem } from "./finding.ts";

const maxNamed = 10;

/**
 * Whether the configured keys open what the services have stored. It changes nothing.
 * @param encryptionKeys `TOKEN_ENCRYPTION_KEY`
 */
export async function checkStoredKeys(
  encryptionKeys: string,
  databases: () => Promise<readonly ServiceDatabase[]>,
): Promise<Finding[]> {
  try {
    const keys = createKeyRing(encryptionKeys);
    const services: ServiceKeys[] = [];
    const findings: Finding[] = [];
    for (const database of await findSealed(await databases())) {
      const checked = await checkService(database, keys);
      if (checked === undefined) return [note("The keys can be checked once the database is up to date.")];
      services.push(checked.keys);
      findings.push(...checked.findings);
    }
    return services.length === 0 ? [] : [judge(services), ...findings];
  } catch {
    return [note("The keys can be checked once the database can be used.")];
  }
}

/** @returns undefined where its tables aren't up to date. */
async function checkService(
  { service, url }: KeysDatabase,
  keys: KeyRing,
): Promise<{ keys: ServiceKeys; findings: Finding[] } | undefined> {
  const db = openDatabase(url, { service: service.name, mustExist: true });
  try {
    for (const tables of service.tables)
      if ((await migrationState(db, tables)).pending.length > 0) return undefined;
    const report = await service.createSealed(db, keys).check();
    const findings = service.name === serviceName ? await checkConnections({ db, keys }) : [];
    return { keys: { service, report }, findings };
  } finally {
    await db.destroy();
  }
}

function judge(services: readonly ServiceKeys[]): Finding {
  const todo = keySteps(services).join("\n");
  if (missingKeys(services).length > 0) {
    const missing = formatUses(services, ({ missing }) => missing);
    return problem(`TOKEN_ENCRYPTION_KEY lacks a key that what is stored needs: ${missing}.`, todo);
  }
  const uses = formatUses(services, ({ keys }) => keys.filter((key) => key.configured));
  const text = `The keys open all that is stored: ${uses}.`;
  return configuredKeys(services).length > 1 ? note(text, todo) : ok(text);
}

function formatUses(services: readonly ServiceKeys[], pick: (report: KeyReport) => readonly KeyUse[]) {
  const uses = services.flatMap(({ service, report }) =>
    pick(report).map((use) => formatKeyUse(use, service.noun)),
  );
  return uses.join("; ");
}

async function checkConnections(store: SealedRows): Promise<Finding[]> {
  const damaged = await findDamagedConnections(store);
  if (damaged.length === 0) return [];
  const named = damaged.slice(0, maxNamed).map((key) => key.customerId);
  const more = damaged.length > maxNamed ? ` and ${damaged.length - maxNamed} more` : "";
  return [
    problem(
      `The stored access of these customers is damaged: ${named.join(", ")}${more}.`,
      "Send each of them a new link from admin-api, or restore a backup (docs/operations.md).",
    ),
  ];
}
