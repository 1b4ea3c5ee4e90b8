import type { AgentKeyAudience, AgentKeyOwner } from "@cita/calendar-api";
import { type Database, migrate } from "@cita/database";
import type { Expression, ExpressionBuilder, Kysely, Selectable, SqlBool } from "kysely";
import { hashOf, lastCharactersOf, makeAgentKey } from "./agent-key.ts";
import { type AgentKeyTables, agentKeyMigrations } from "./migrations.ts";

/** All that is known of a key once it was shown. Times are epoch milliseconds. */
export type AgentKeyRecord = {
  readonly id: number;
  readonly owner: AgentKeyOwner;
  readonly name: string;
  readonly audience: AgentKeyAudience;
  readonly lastCharacters: string;
  readonly createdAt: number;
  readonly expiresAt: number | null;
  /** Correct to the hour: see agent-key-verifier.ts. */
  readonly lastUsedAt: number | null;
  /** When a call under the key last named a person, correct to the hour; null: none has. */
  readonly attendeeNamedAt: number | null;
  readonly revokedAt: number | null;
};

/** The keys that agents call `/mcp` with. */
export type AgentKeyStore = {
  /**
   * Makes a key. This is the only time that it can be seen.
   * @throws TooManyAgentKeysError
   */
  create(owner: AgentKeyOwner, request: NewAgentKey): Promise<{ key: string; record: AgentKeyRecord }>;
  /** Live ones first, then the newest first, at most 100. */
  list(owner: AgentKeyOwner): Promise<AgentKeyRecord[]>;
  /**
   * From then on the key opens nothing, in whichever process. One that is revoked already stays as it is.
   * @returns undefined where the owner has no such key.
   */
  revoke(owner: AgentKeyOwner, id: number): Promise<AgentKeyRecord | undefined>;
  /** The key with this hash, unless it is revoked or has expired. */
  findLive(hash: string): Promise<AgentKeyRecord | undefined>;
  /**
   * Records a use of the key.
   * @param at epoch milliseconds.
   * @param namesAttendee whether the call named a person.
   */
  noteUse(id: number, at: number, namesAttendee: boolean): Promise<void>;
};

export type NewAgentKey = {
  readonly name: string;
  readonly audience: AgentKeyAudience;
  readonly expiresAt: number | null;
};

/** How many keys an owner may have that are neither revoked nor expired. */
export const mostLiveKeys = 20;

const mostListed = 100;

export class TooManyAgentKeysError extends Error {
  override readonly name = "TooManyAgentKeysError";
  readonly code = "too_many_agent_keys";
  readonly statusCode = 409;
  constructor() {
    super(`There are ${mostLiveKeys} live keys already. Revoke one that isn't used any more.`);
  }
}

type Deps = { db: Database; now?: () => number };
type Row = Selectable<AgentKeyTables["agent_keys"]>;
type Condition = (eb: ExpressionBuilder<AgentKeyTables, "agent_keys">) => Expression<SqlBool>;

export async function openAgentKeyStore({ db: database, now = Date.now }: Deps): Promise<AgentKeyStore> {
  await migrate(database, agentKeyMigrations);
  const db = database.withTables<AgentKeyTables>();

  return {
    async create(owner, { name, audience, expiresAt }) {
      const key = makeAgentKey();
      const row = await db.transaction().execute(async (transaction) => {
        const { live } = await keysOf(transaction, owner)
          .where(isLive(now()))
          .select(({ fn }) => fn.countAll<number>().as("live"))
          .executeTakeFirstOrThrow();
        if (live >= mostLiveKeys) throw new TooManyAgentKeysError();
        return transaction
          .insertInto("agent_keys")
          .values({
            customer_id: customerIdOf(owner),
            name,
            audience,
            hash: hashOf(key),
            last_characters: lastCharactersOf(key),
            created_at_ms: now(),
            expires_at_ms: expiresAt,
          })
          .returningAll()
          .executeTakeFirstOrThrow();
      });
      return { key, record: toRecord(row) };
    },

    async list(owner) {
      const rows = await keysOf(db, owner)
        .selectAll()
        .orderBy((eb) => eb.case().when(isLive(now())(eb)).then(0).else(1).end())
        .orderBy("id", "desc")
        .limit(mostListed)
        .execute();
      return rows.map(toRecord);
    },

    async revoke(owner, id) {
      await db
        .updateTable("agent_keys")
        .set({ revoked_at_ms: now() })
        .where("id", "=", id)
        .where(belongsTo(owner))
        .where("revoked_at_ms", "is", null)
        .execute();
      const row = await keysOf(db, owner).where("id", "=", id).selectAll().executeTakeFirst();
      return row && toRecord(row);
    },

    async findLive(hash) {
      const row = await db
        .selectFrom("agent_keys")
        .selectAll()
        .where("hash", "=", hash)
        .where(isLive(now()))
        .executeTakeFirst();
      return row && toRecord(row);
    },

    async noteUse(id, at, namesAttendee) {
      await db
        .updateTable("agent_keys")
        .set({ last_used_at_ms: at, ...(namesAttendee && { attendee_named_at_ms: at }) })
        .where("id", "=", id)
        .execute();
    },
  };
}

/** How many keys agents can call `/mcp` with at a moment. The table must be there. */
export async function countLiveKeys(database: Database, at: number): Promise<number> {
  const { live } = await database
    .withTables<AgentKeyTables>()
    .selectFrom("agent_keys")
    .where(isLive(at))
    .select(({ fn }) => fn.countAll<number>().as("live"))
    .executeTakeFirstOrThrow();
  return live;
}

/** Live keys that reach everybody's appointments, the oldest first. The table must be there. */
export async function listBusinessKeys(database: Database, at: number): Promise<AgentKeyRecord[]> {
  const rows = await database
    .withTables<AgentKeyTables>()
    .selectFrom("agent_keys")
    .selectAll()
    .where(isLive(at))
    .where("audience", "=", "business")
    .orderBy("id")
    .execute();
  return rows.map(toRecord);
}

function keysOf(db: Kysely<AgentKeyTables>, owner: AgentKeyOwner) {
  return db.selectFrom("agent_keys").where(belongsTo(owner));
}

function belongsTo(owner: AgentKeyOwner): Condition {
  const customerId = customerIdOf(owner);
  return (eb) => (customerId === null ? eb("customer_id", "is", null) : eb("customer_id", "=", customerId));
}

function isLive(at: number): Condition {
  return (eb) =>
    eb.and([
      eb("revoked_at_ms", "is", null),
      eb.or([eb("expires_at_ms", "is", null), eb("expires_at_ms", ">", at)]),
    ]);
}

function customerIdOf(owner: AgentKeyOwner): string | null {
  return owner === "platform" ? null : owner.customerId;
}

function toRecord(row: Readonly<Row>): AgentKeyRecord {
  return {
    id: row.id,
    owner: row.customer_id === null ? "platform" : { customerId: row.customer_id },
    name: row.name,
    audience: row.audience === "attendee" ? "attendee" : "business",
    lastCharacters: row.last_characters,
    createdAt: row.created_at_ms,
    expiresAt: row.expires_at_ms,
    lastUsedAt: row.last_used_at_ms,
    attendeeNamedAt: row.attendee_named_at_ms,
    revokedAt: row.revoked_at_ms,
  };
}
