import { createHash, randomBytes } from "node:crypto";
import type { AgentKeyAudience, AgentKeyOwner } from "@cita/calendar-api";
import { type Database, migrate, type Precondition, valueList } from "@cita/database";
import type { EventLog } from "@cita/events";
import {
  type Expression,
  type ExpressionBuilder,
  type Kysely,
  type Selectable,
  type SqlBool,
  sql,
} from "kysely";
import { type AgentKeyTables, agentKeyMigrations } from "./migrations.ts";

/** A stored key, without the key itself. Times are epoch milliseconds. */
export type AgentKeyRecord = {
  readonly id: number;
  readonly owner: AgentKeyOwner;
  readonly name: string;
  readonly audience: AgentKeyAudience;
  readonly lastCharacters: string;
  readonly createdAt: number;
  readonly expiresAt: number | null;
  /** Correct to the hour: see `createAgentKeyVerifier`. */
  readonly lastUsedAt: number | null;
  /** When a call under the key last named an attendee, correct to the hour; null: none has. */
  readonly attendeeNamedAt: number | null;
  readonly revokedAt: number | null;
};

export type AgentKeyStore = {
  /**
   * Makes a key. `key` is returned this once and stored nowhere.
   * @throws TooManyAgentKeysError
   */
  create(
    owner: AgentKeyOwner,
    request: NewAgentKey,
    precondition?: Precondition,
  ): Promise<{ key: string; record: AgentKeyRecord }>;
  /** Live ones first, then the newest first, at most 100. */
  list(owner: AgentKeyOwner): Promise<AgentKeyRecord[]>;
  /**
   * Revokes a key: from then on no process accepts it. A revoked key keeps the time at which it was revoked.
   * @returns undefined where the owner has no such key.
   */
  revoke(owner: AgentKeyOwner, id: number): Promise<AgentKeyRecord | undefined>;
  /** What admins know keys by. @param ids of whichever owners. */
  describe(ids: readonly number[]): Promise<Pick<AgentKeyRecord, "id" | "name" | "lastCharacters">[]>;
  /** The record of a key; undefined where the key is unknown, revoked or expired. */
  findLive(key: string): Promise<AgentKeyRecord | undefined>;
  /**
   * Records a use of the key.
   * @param at epoch milliseconds.
   * @param namesAttendee whether the call named an attendee.
   */
  noteUse(id: number, at: number, namesAttendee: boolean): Promise<void>;
};

export type NewAgentKey = {
  readonly name: string;
  readonly audience: AgentKeyAudience;
  readonly expiresAt: number | null;
};

/** How many keys an owner may have that are neither revoked nor expired. */
const maxLiveKeys = 20;

const maxListedKeys = 100;

/** The owner has as many live keys as allowed. */
export class TooManyAgentKeysError extends Error {
  override readonly name = "TooManyAgentKeysError";
  readonly code = "too_many_agent_keys";
  readonly statusCode = 409;
  constructor() {
    super(`There are ${maxLiveKeys} live keys already. Revoke one that isn't used any more.`);
  }
}

const keyFormat = /^cita_[0-9a-f]{64}$/;

/** 256 random bits in hex, so that a double click selects the whole key. Secret scanners recognise the prefix. */
function makeKey(): string {
  return `cita_${randomBytes(32).toString("hex")}`;
}

/** 256 random bits can't be guessed, so the hash needs neither salt nor work factor (docs/decisions/0021). */
function hashKey(key: string): string {
  return createHash("sha256").update(key).digest("hex");
}

type Deps = { db: Database; events: Pick<EventLog, "transaction">; now?: () => number };

/** By their names, so that PostgreSQL prepares the queries (docs/decisions/0090). */
const recordColumns = [
  "id",
  "customer_id",
  "name",
  "audience",
  "last_characters",
  "created_at_ms",
  "expires_at_ms",
  "last_used_at_ms",
  "attendee_named_at_ms",
  "revoked_at_ms",
] as const satisfies (keyof AgentKeyTables["agent_keys"])[];

type Row = Pick<Selectable<AgentKeyTables["agent_keys"]>, (typeof recordColumns)[number]>;
type Condition = (eb: ExpressionBuilder<AgentKeyTables, "agent_keys">) => Expression<SqlBool>;

/** Migrates the table and opens the store over it. @throws DatabaseError */
export async function openAgentKeyStore(deps: Deps): Promise<AgentKeyStore> {
  const { db: database, events, now = Date.now } = deps;
  await migrate(database, agentKeyMigrations);
  const db = database.withTables<AgentKeyTables>();

  return {
    async create(owner, request, precondition) {
      const key = makeKey();
      const row = await events.transaction(async (trx, append) => {
        await precondition?.(trx);
        const row = await insertKey(trx.withTables<AgentKeyTables>(), owner, request, key, now());
        const { expiresAt, audience } = request;
        const expires_at = expiresAt === null ? null : new Date(expiresAt).toISOString();
        const data = { key_id: row.id, audience, expires_at };
        await append({ customerId: customerIdOf(owner), kind: "agent_key_created", data });
        return row;
      }, lockOf(owner));
      return { key, record: toRecord(row) };
    },

    async list(owner) {
      const rows = await keysOf(db, owner)
        .select(recordColumns)
        .orderBy((eb) => eb.case().when(isLive(now())(eb)).then(eb.lit(0)).else(eb.lit(1)).end())
        .orderBy("id", "desc")
        .limit(maxListedKeys)
        .execute();
      return rows.map(toRecord);
    },

    async revoke(owner, id) {
      await events.transaction(async (trx, append) => {
        const { numUpdatedRows } = await trx
          .withTables<AgentKeyTables>()
          .updateTable("agent_keys")
          .set({ revoked_at_ms: now() })
          .where("id", "=", id)
          .where(belongsTo(owner))
          .where("revoked_at_ms", "is", null)
          .executeTakeFirstOrThrow();
        if (numUpdatedRows === 0n) return;
        await append({ customerId: customerIdOf(owner), kind: "agent_key_revoked", data: { key_id: id } });
      });
      const row = await keysOf(db, owner).where("id", "=", id).select(recordColumns).executeTakeFirst();
      return row && toRecord(row);
    },

    async describe(ids) {
      const rows = await db
        .selectFrom("agent_keys")
        .select(["id", "name", "last_characters"])
        .where(sql<boolean>`id in ${valueList(db, "integer", ids)}`)
        .execute();
      return rows.map(({ id, name, last_characters }) => ({ id, name, lastCharacters: last_characters }));
    },

    async findLive(key) {
      if (!keyFormat.test(key)) return undefined;
      const row = await db
        .selectFrom("agent_keys")
        .select(recordColumns)
        .where("hash", "=", hashKey(key))
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

/** `db` is a transaction, alone among those of the owner. @throws TooManyAgentKeysError */
async function insertKey(
  db: Kysely<AgentKeyTables>,
  owner: AgentKeyOwner,
  { name, audience, expiresAt }: NewAgentKey,
  key: string,
  at: number,
): Promise<Row> {
  const { live } = await keysOf(db, owner)
    .where(isLive(at))
    .select(({ fn }) => fn.countAll<number>().as("live"))
    .executeTakeFirstOrThrow();
  if (live >= maxLiveKeys) throw new TooManyAgentKeysError();
  return db
    .insertInto("agent_keys")
    .values({
      customer_id: customerIdOf(owner),
      name,
      audience,
      hash: hashKey(key),
      last_characters: key.slice(-4),
      created_at_ms: at,
      expires_at_ms: expiresAt,
    })
    .returning(recordColumns)
    .executeTakeFirstOrThrow();
}

/** How many keys are live at a time (epoch milliseconds). The table must exist. */
export async function countLiveKeys(database: Database, at: number): Promise<number> {
  const { live } = await database
    .withTables<AgentKeyTables>()
    .selectFrom("agent_keys")
    .where(isLive(at))
    .select(({ fn }) => fn.countAll<number>().as("live"))
    .executeTakeFirstOrThrow();
  return live;
}

/** Live keys of audience `business`, which reach all appointments; oldest first. The table must exist. */
export async function listBusinessKeys(database: Database, at: number): Promise<AgentKeyRecord[]> {
  const rows = await database
    .withTables<AgentKeyTables>()
    .selectFrom("agent_keys")
    .select(recordColumns)
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

/** Names what `create` decides about: how many keys the owner has. */
function lockOf(owner: AgentKeyOwner): string {
  return `agent keys of ${owner === "platform" ? "the platform" : `customer ${owner.customerId}`}`;
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
