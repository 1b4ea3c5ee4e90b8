import { randomBytes } from "node:crypto";
import { type Kysely, type Selectable, sql } from "kysely";
import {
  consumeState,
  findLastAttempt,
  findLinkId,
  findOutcomes,
  insertAttempt,
  recordOutcome,
} from "./consent-attempts.ts";
import type { CustomerKey } from "./customer-key.ts";
import { hashSecret, type KeyRing, linkPlace, SealError } from "./key-ring.ts";
import { purgeAttempts, purgeLinks } from "./purge-consents.ts";
import type { ConsentLinksTable, TokenStoreTables } from "./schema.ts";
import {
  type ConsentLink,
  ConsentLinkChangedError,
  type ConsentLinkRequest,
  type ConsentLinkState,
  type ConsentLinkStore,
  type IssuedLink,
} from "./token-store.ts";

type Db = Kysely<TokenStoreTables>;
type Deps = { db: Db; keys: KeyRing; now: () => Date };
type LinkRow = Selectable<ConsentLinksTable>;

/** `ConsentLinkStore` over the rows of `consent_links` and `consent_attempts`. */
export function createConsentLinks(deps: Deps): ConsentLinkStore {
  const { db, now } = deps;
  return {
    issue: (request) => db.transaction().execute((trx) => issueLink({ ...deps, db: trx }, request)),

    issueForLost: (request) => db.transaction().execute((trx) => issueForLost({ ...deps, db: trx }, request)),

    async findByToken(token) {
      const row = await db
        .selectFrom("consent_links")
        .selectAll()
        .where("token_hash", "=", hashSecret(token))
        .executeTakeFirst();
      return row && toLink(row, token, now());
    },

    async latest(key) {
      const row = await newestLink(db, key);
      return row && { link: openLink(deps, row), lastAttempt: await findLastAttempt(db, row) };
    },

    async lastUsed(key) {
      const row = await linksOfCustomer(db, key)
        .selectAll()
        .where("used_at", "is not", null)
        .orderBy("id", "desc")
        .limit(1)
        .executeTakeFirst();
      return row && openLink(deps, row);
    },

    newestStates: (customerIds, provider) => findNewestStates(db, customerIds, provider, now()),

    startAttempt: (link, state) =>
      db.transaction().execute((trx) => insertAttempt(trx, link.id, state, now())),

    async consumeState(state) {
      const attempt = await consumeState(db, state, now());
      if (attempt === undefined) return undefined;
      const row = await findLink(db, attempt.link_id).executeTakeFirstOrThrow();
      return { id: attempt.id, link: openLink(deps, row) };
    },

    async findByState(state) {
      const linkId = await findLinkId(db, state);
      const row = linkId === undefined ? undefined : await findLink(db, linkId).executeTakeFirst();
      return row && openLink(deps, row);
    },

    recordFailure: (attempt, outcome, accountEmail) => recordOutcome(db, attempt.id, outcome, accountEmail),

    outcomes: (linkIds) => findOutcomes(db, linkIds),

    purgeLinks: (before, batch) => purgeLinks(db, before, batch),

    purgeAttempts: (due, limit) => purgeAttempts(db, due, limit),
  };
}

/** Reads only the newest link of each customer. */
async function findNewestStates(
  db: Db,
  customerIds: readonly string[],
  provider: string,
  at: Date,
): Promise<Map<string, ConsentLinkState>> {
  if (customerIds.length === 0) return new Map();
  const asked = sql<{ value: string }>`json_each(${JSON.stringify(customerIds)})`.as("asked");
  const rows = await db
    .selectFrom("consent_links")
    .select(["customer_id", "used_at", "revoked_at", "expires_at"])
    .where("id", "in", ({ selectFrom }) =>
      selectFrom(asked).select(({ selectFrom }) =>
        selectFrom("consent_links as link")
          .select(({ fn }) => fn.max("link.id").as("newest"))
          .where("link.provider", "=", provider)
          .whereRef("link.customer_id", "=", sql.ref("asked.value"))
          .as("newest"),
      ),
    )
    .execute();
  return new Map(rows.map((row) => [row.customer_id, linkState(row, at)]));
}

/**
 * Marks a link as used. `db` may be a transaction.
 * @throws ConsentLinkChangedError where the link is no longer live, or expects another account than `link`.
 */
export async function markLinkUsed(db: Db, link: ConsentLink, at: Date): Promise<void> {
  const { numUpdatedRows } = await db
    .updateTable("consent_links")
    .set({ used_at: at.toISOString() })
    .where("id", "=", link.id)
    .where("used_at", "is", null)
    .where("revoked_at", "is", null)
    .where("customer_email", "is", link.customerEmail)
    .where("any_account", "=", Number(link.anyAccount))
    .where("account_id", "is", link.accountId)
    .executeTakeFirstOrThrow();
  if (numUpdatedRows !== 1n) throw new ConsentLinkChangedError();
}

function findLink(db: Db, id: number) {
  return db.selectFrom("consent_links").selectAll().where("id", "=", id);
}

function linksOfCustomer(db: Db, { customerId, provider }: CustomerKey) {
  return db
    .selectFrom("consent_links")
    .where("customer_id", "=", customerId)
    .where("provider", "=", provider);
}

async function issueForLost(deps: Deps, request: ConsentLinkRequest): Promise<IssuedLink | undefined> {
  const { db, now } = deps;
  const lost = await db
    .selectFrom("oauth_tokens")
    .select("customer_id")
    .where("customer_id", "=", request.customerId)
    .where("provider", "=", request.provider)
    .where("reconnect_required_since", "is not", null)
    .executeTakeFirst();
  if (lost === undefined) return undefined;
  const newest = await newestLink(db, request);
  const token = newest && liveToken(deps, newest);
  if (newest !== undefined && token != null) return { ...toLink(newest, token, now()), token };
  return replaceLink(deps, request, newest);
}

function newestLink(db: Db, key: CustomerKey): Promise<LinkRow | undefined> {
  return linksOfCustomer(db, key).selectAll().orderBy("id", "desc").limit(1).executeTakeFirst();
}

async function issueLink(deps: Deps, request: ConsentLinkRequest): Promise<IssuedLink> {
  const { db, now } = deps;
  const newest = await newestLink(db, request);
  const token = newest && request.renew !== true ? liveToken(deps, newest) : null;
  if (newest !== undefined && token !== null) {
    return { ...toLink(await updateExpectation(db, newest, request), token, now()), token };
  }
  return replaceLink(deps, request, newest);
}

async function replaceLink(
  deps: Deps,
  request: ConsentLinkRequest,
  newest: LinkRow | undefined,
): Promise<IssuedLink> {
  await revokeLive(deps.db, request, deps.now());
  return insertLink(deps, request, newest);
}

/** Updates the address and name of a live link. Its token stays, since it was already sent. */
async function updateExpectation(db: Db, row: LinkRow, request: ConsentLinkRequest): Promise<LinkRow> {
  const expectation = toExpectation(request, row);
  await db.updateTable("consent_links").set(expectation).where("id", "=", row.id).execute();
  return { ...row, ...expectation };
}

function toExpectation(request: ConsentLinkRequest, previous: LinkRow | undefined) {
  return {
    customer_email: request.customerEmail ?? previous?.customer_email ?? null,
    customer_name: request.customerName ?? previous?.customer_name ?? null,
    any_account: Number(request.anyAccount ?? previous?.any_account === 1),
    account_id: request.accountId === undefined ? previouslyRequired(request, previous) : request.accountId,
  };
}

/** The account that the previous link requires, unless the request has another address. Systems repeat the same one. */
function previouslyRequired(
  { customerEmail }: ConsentLinkRequest,
  previous: LinkRow | undefined,
): string | null {
  const isRepeated =
    customerEmail === undefined || customerEmail.toLowerCase() === previous?.customer_email?.toLowerCase();
  return isRepeated ? (previous?.account_id ?? null) : null;
}

async function insertLink(
  { db, keys, now }: Deps,
  request: ConsentLinkRequest,
  previous: LinkRow | undefined,
): Promise<IssuedLink> {
  const token = randomBytes(32).toString("base64url");
  const tokenHash = hashSecret(token);
  const at = now();
  const row = {
    customer_id: request.customerId,
    provider: request.provider,
    token_hash: tokenHash,
    token_sealed: keys.seal(linkPlace(request, tokenHash), token),
    key_fingerprint: keys.primaryFingerprint,
    ...toExpectation(request, previous),
    created_at: at.toISOString(),
    expires_at: new Date(at.getTime() + request.lifetimeMs).toISOString(),
    used_at: null,
    revoked_at: null,
  };
  const { id } = await db.insertInto("consent_links").values(row).returning("id").executeTakeFirstOrThrow();
  return { ...toLink({ ...row, id }, token, at), token };
}

/** Revokes the live link of a customer, if there is one. `db` may be a transaction. */
export async function revokeLive(db: Db, { customerId, provider }: CustomerKey, at: Date): Promise<void> {
  await db
    .updateTable("consent_links")
    .set({ revoked_at: at.toISOString() })
    .where("customer_id", "=", customerId)
    .where("provider", "=", provider)
    .where("used_at", "is", null)
    .where("revoked_at", "is", null)
    .execute();
}

function openLink(deps: Deps, row: LinkRow): ConsentLink {
  return toLink(row, liveToken(deps, row), deps.now());
}

/** The token of a live link; null for any other link, and where no configured key opens it. */
function liveToken({ keys, now }: Deps, row: LinkRow): string | null {
  if (linkState(row, now()) !== "live") return null;
  try {
    const key = { customerId: row.customer_id, provider: row.provider };
    return keys.open(linkPlace(key, row.token_hash), row.token_sealed);
  } catch (error) {
    if (error instanceof SealError) return null;
    throw error;
  }
}

function toLink(row: LinkRow, token: string | null, at: Date): ConsentLink {
  return {
    id: row.id,
    customerId: row.customer_id,
    provider: row.provider,
    token,
    customerEmail: row.customer_email,
    customerName: row.customer_name,
    anyAccount: row.any_account === 1,
    accountId: row.account_id,
    expiresAt: new Date(row.expires_at),
    state: linkState(row, at),
  };
}

function linkState(row: Pick<LinkRow, "used_at" | "revoked_at" | "expires_at">, at: Date): ConsentLinkState {
  if (row.used_at !== null) return "used";
  if (row.revoked_at !== null) return "revoked";
  return row.expires_at <= at.toISOString() ? "expired" : "live";
}
