import { databaseExists, migrationState, openDatabase } from "@cita/database";
import {
  checkKeys,
  createKeyRing,
  findDamagedConnections,
  formatKeyUse,
  type KeyReport,
  type SealedRows,
  tokenStoreMigrations,
} from "@cita/token-store";
import { type Config, serviceName } from "../../apps/mcp-calendar/src/config.ts";
import { keySteps } from "../keys/status-text.ts";
import { type Finding, note, ok, problem } from "./finding.ts";

const maxNamed = 10;

/** Whether the configured keys open what is stored. It changes nothing. */
export async function checkStoredKeys(config: Config): Promise<Finding[]> {
  try {
    if (!(await databaseExists(config.DATABASE_URL, { service: serviceName }))) return [];
    const db = openDatabase(config.DATABASE_URL, { service: serviceName, mustExist: true });
    try {
      const { pending } = await migrationState(db, tokenStoreMigrations);
      if (pending.length > 0) return [note("The keys can be checked once the database is up to date.")];
      const store = { db, keys: createKeyRing(config.TOKEN_ENCRYPTION_KEY) };
      return [judge(await checkKeys(store)), ...(await checkConnections(store))];
    } finally {
      await db.destroy();
    }
  } catch {
    return [note("The keys can be checked once the database can be used.")];
  }
}

function judge(report: KeyReport): Finding {
  const todo = keySteps(report).join("\n");
  if (report.missing.length > 0) {
    const missing = report.missing.map(formatKeyUse).join("; ");
    return problem(`TOKEN_ENCRYPTION_KEY lacks a key that what is stored needs: ${missing}.`, todo);
  }
  const configured = report.keys.filter((key) => key.configured);
  const uses = `The keys open all that is stored: ${configured.map(formatKeyUse).join("; ")}.`;
  return configured.length > 1 ? note(uses, todo) : ok(uses);
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
