import { type AgentKeyRecord, agentKeyMigrations, countLiveKeys, listBusinessKeys } from "@cita/agent-keys";
import { databaseExists, migrationState, openDatabase } from "@cita/database";
import { type Config, serviceName } from "../../apps/mcp-calendar/src/config.ts";
import { type Finding, note, ok } from "./finding.ts";

/**
 * Whether any agent can call `/mcp` where a header alone isn't trusted, and which keys reach all bookings and seem to
 * be used by a bot that the public writes to. Changes nothing.
 */
export async function checkAgentKeys(config: Config): Promise<Finding[]> {
  try {
    if (!(await databaseExists(config.DATABASE_URL, { service: serviceName }))) return [];
    const db = openDatabase(config.DATABASE_URL, { service: serviceName, mustExist: true });
    try {
      const { pending } = await migrationState(db, agentKeyMigrations);
      if (pending.length > 0) return [note("Agent keys can be counted once the database is up to date.")];
      const now = Date.now();
      const live = config.MCP_HEADER_ONLY ? [] : [judge(await countLiveKeys(db, now))];
      return [...live, ...listOpenKeys((await listBusinessKeys(db, now)).filter(isForPublic))];
    } finally {
      await db.destroy();
    }
  } catch {
    return [note("Agent keys can be counted once the database can be used.")];
  }
}

/** Names that people give the key of a bot that answers the public. */
const publicNames =
  /whats ?app|wa\b|telegram|messenger|instagram|facebook|\bbot\b|chatbot|web ?chat|widget|public/i;

/** By its calls, which have named an attendee as those of a bot do, or by its name. */
function isForPublic({ attendeeNamedAt, name }: AgentKeyRecord): boolean {
  return attendeeNamedAt !== null || publicNames.test(name);
}

const maxNamed = 20;

function listOpenKeys(keys: readonly AgentKeyRecord[]): Finding[] {
  const named = keys.slice(0, maxNamed).map((key) => note(formatOpenKey(key), openKeyRemedy));
  const left = keys.length - named.length;
  return left > 0 ? [...named, note(`So can ${left} further keys.`)] : named;
}

function formatOpenKey({ id, owner, name, lastCharacters, attendeeNamedAt }: AgentKeyRecord): string {
  const whose = owner === "platform" ? "of the platform" : `of ${owner.customerId}`;
  const why =
    attendeeNamedAt === null
      ? "and by its name the public writes to whoever carries it"
      : `and was used for single persons, last on ${new Date(attendeeNamedAt).toISOString().slice(0, 10)}`;
  return `Agent key ${id} ${whose} (${JSON.stringify(name)}, …${lastCharacters}) reaches everybody's appointments, ${why}.`;
}

const openKeyRemedy =
  'A call without X-Attendee-Phone or X-Attendee-Ref lists and cancels all. Make a key with "audience": "attendee", ' +
  "hand it over, and revoke this one (docs/operations.md, Agent keys).";

function judge(live: number): Finding {
  if (live > 0)
    return ok(`Agents can call /mcp: there ${live === 1 ? "is 1 live key" : `are ${live} live keys`}.`);
  return note(
    "No agent can call /mcp: a header alone isn't trusted here, and there is no live agent key.",
    "Make one with POST /v1/customer-calendars/:customer_id/agent-keys of admin-api (docs/operations.md).",
  );
}
