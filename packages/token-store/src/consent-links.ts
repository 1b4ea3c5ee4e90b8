import { randomBytes } from "node:crypto";
import type { Kysely, Selectable } from "kysely";
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
import { findNewestLinks } from "./newest-links.ts";
import { purgeAttempts, purgeLinks } from "./purge-consents.ts";
import type { ConsentLinksTable, OAuthTokensTable, TokenStoreTables } from "./schema.ts";
import {
  type ConsentLink,
  ConsentLinkChangedError,
  type ConsentLinkRequest,
  type ConsentLinkState,
  type ConsentLinkStore,
  type IssuedLink,
  type NewLinkRequest,
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
      const row = await lastUsedLink(db, key);
      return row && openLink(deps, row);
    },

    async newestStates(customerIds, provider) {
      const rows = await findNewestLinks(db, customerIds, provider);
      return new Map(rows.map((row) => [row.customer_id, linkState(row, now())]));
    },

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

async function issueForLost(deps: Deps, key: NewLinkRequest): Promise<IssuedLink | undefined> {
  const connected = await findConnected(deps.db, key);
  if (connected?.reconnect_required_since == null) return undefined;
  const newest = await newestLink(deps.db, key);
  const token = newest && liveToken(deps, newest);
  if (newest !== undefined && token != null) return { ...toLink(newest, token, deps.now()), token };
  return replaceLink(deps, key, newTerms({}, newest, connected));
}

function newestLink(db: Db, key: CustomerKey): Promise<LinkRow | undefined> {
  return linksOfCustomer(db, key).selectAll().orderBy("id", "desc").limit(1).executeTakeFirst();
}

function lastUsedLink(db: Db, key: CustomerKey): Promise<LinkRow | undefined> {
  return linksOfCustomer(db, key)
    .selectAll()
    .where("used_at", "is not", null)
    .orderBy("id", "desc")
    .limit(1)
    .executeTakeFirst();
}

type Connected = Pick<
  Selectable<OAuthTokensTable>,
  "calendar_email" | "account_id" | "reconnect_required_since"
>;

function findConnected(db: Db, { customerId, provider }: CustomerKey): Promise<Connected | undefined> {
  return db
    .selectFrom("oauth_tokens")
    .select(["calendar_email", "account_id", "reconnect_required_since"])
    .where("customer_id", "=", customerId)
    .where("provider", "=", provider)
    .executeTakeFirst();
}

async function issueLink(deps: Deps, given: ConsentLinkRequest): Promise<IssuedLink> {
  const { db, now } = deps;
  const newest = await newestLink(db, given);
  const connected = await findConnected(db, given);
  const request = (await isRepeated(db, given, connected)) ? { ...given, customerEmail: undefined } : given;
  if (newest === undefined || request.renew === true || linkState(newest, now()) !== "live") {
    return replaceLink(deps, request, newTerms(request, newest, connected));
  }
  const terms = keptTerms(request, newest);
  const token = liveToken(deps, newest);
  if (token === null) return replaceLink(deps, request, terms);
  // The token stays, since it was already sent.
  await db.updateTable("consent_links").set(terms).where("id", "=", newest.id).execute();
  return { ...toLink({ ...newest, ...terms }, token, now()), token };
}

/** Whose consent a link accepts, and the name on its page. */
type Terms = Pick<LinkRow, "customer_email" | "customer_name" | "any_account" | "account_id">;
type RequestedTerms = Pick<ConsentLinkRequest, "customerEmail" | "customerName" | "anyAccount">;

/**
 * Whether a request for a lost connection repeats the address of the link that made it. Admins' systems send that address
 * with every request, so it doesn't mean that another account is expected now.
 */
async function isRepeated(
  db: Db,
  { customerEmail, anyAccount, ...key }: ConsentLinkRequest,
  connected: Connected | undefined,
): Promise<boolean> {
  const isLost = connected?.reconnect_required_since != null;
  if (!isLost || customerEmail === undefined || anyAccount !== undefined) return false;
  return isSameText(customerEmail, (await lastUsedLink(db, key))?.customer_email);
}

/** A live link accepts what it did, changed by the request. The account that it requires stays with its address. */
function keptTerms({ customerEmail, customerName, anyAccount }: RequestedTerms, link: LinkRow): Terms {
  const isSameAddress = customerEmail === undefined || isSameText(customerEmail, link.customer_email);
  return {
    customer_email: customerEmail ?? link.customer_email,
    customer_name: customerName ?? link.customer_name,
    any_account: anyAccount === undefined ? link.any_account : Number(anyAccount),
    account_id: isSameAddress ? link.account_id : null,
  };
}

/**
 * A new link accepts what the request says, else the connected account, since another account would book into another
 * calendar, else what the previous link did.
 */
function newTerms(
  { customerEmail, customerName, anyAccount }: RequestedTerms,
  previous: LinkRow | undefined,
  connected: Connected | undefined,
): Terms {
  const customer_name = customerName ?? previous?.customer_name ?? null;
  if (customerEmail !== undefined || anyAccount !== undefined) {
    const customer_email = customerEmail ?? previous?.customer_email ?? null;
    return { customer_email, customer_name, any_account: Number(anyAccount ?? false), account_id: null };
  }
  if (connected !== undefined && connected.calendar_email !== null) {
    const { calendar_email: customer_email, account_id } = connected;
    return { customer_email, customer_name, any_account: 0, account_id };
  }
  const { customer_email = null, any_account = 0, account_id = null } = previous ?? {};
  return { customer_email, customer_name, any_account, account_id };
}

function isSameText(a: string, b: string | null | undefined): boolean {
  return a.toLowerCase() === b?.toLowerCase();
}

/** Revokes the live link, and makes a new one. */
async function replaceLink(
  { db, keys, now }: Deps,
  { customerId, provider, lifetimeMs }: NewLinkRequest,
  terms: Terms,
): Promise<IssuedLink> {
  const key = { customerId, provider };
  const at = now();
  await revokeLive(db, key, at);
  const token = randomBytes(32).toString("base64url");
  const tokenHash = hashSecret(token);
  const row = {
    ...terms,
    customer_id: customerId,
    provider,
    token_hash: tokenHash,
    token_sealed: keys.seal(linkPlace(key, tokenHash), token),
    key_fingerprint: keys.primaryFingerprint,
    created_at: at.toISOString(),
    expires_at: new Date(at.getTime() + lifetimeMs).toISOString(),
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
