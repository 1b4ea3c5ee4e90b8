import { existsSync } from "node:fs";
import { databasePath, migrationState, openDatabase } from "@cita/database";
import { countLiveKeys } from "../../apps/mcp-calendar/src/agent-keys/agent-key-store.ts";
import { agentKeyMigrations } from "../../apps/mcp-calendar/src/agent-keys/migrations.ts";
import type { Config } from "../../apps/mcp-calendar/src/config.ts";
import { type Finding, note, ok } from "./finding.ts";

/** Whether any agent can call `/mcp`, where a header alone isn't trusted. It changes nothing. */
export async function checkAgentKeys(config: Config): Promise<Finding[]> {
  if (config.MCP_HEADER_ONLY || !existsSync(databasePath(config.DATABASE_URL))) return [];
  try {
    const db = openDatabase(config.DATABASE_URL, { mustExist: true });
    try {
      const { pending } = await migrationState(db, agentKeyMigrations);
      if (pending.length > 0) return [note("Agent keys can be counted once the database is up to date.")];
      return [judge(await countLiveKeys(db, Date.now()))];
    } finally {
      await db.destroy();
    }
  } catch {
    return [note("Agent keys can be counted once the database can be used.")];
  }
}

function judge(live: number): Finding {
  if (live > 0)
    return ok(`Agents can call /mcp: there ${live === 1 ? "is 1 live key" : `are ${live} live keys`}.`);
  return note(
    "No agent can call /mcp: a header alone isn't trusted here, and there is no live agent key.",
    "Make one with POST /v1/customer-calendars/:customer_id/agent-keys of admin-api (docs/operations.md).",
  );
}
