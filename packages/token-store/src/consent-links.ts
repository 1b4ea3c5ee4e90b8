import { randomBytes } from "node:crypto";
import type { AppendEvent, EventLog } from "@cita/events";
import type { Kysely, Selectable } from "kysely";
import {
  consumeState,
  findLastAttempt,
  findLinkId,
  findOutcomes,
  insertAttempt,
  recordOutcome,
} from "./consent-attempts.ts";
import { appendRevoked, toAttemptEnded, toLinkIssued, toLinkOpened } from "./consent-events.ts";
import { transactionOf } from "./customer-transaction.ts";
import { hashSecret, type KeyRing, linkPlace, SealError } from "./key-ring.ts";
import { type Connected, isSameText, keptTerms, newTerms, type Terms } from "./link-terms.ts";
import { findNewestLinks } from "./newest-links.ts";
import { purgeAttempts, purgeLinks } from "./purge-consents.ts";
import type { ConsentLinksTable, TokenStoreTables } from "./schema.ts";
import {
  type ConsentAttempt,
  type ConsentLink,
  ConsentLinkChangedError,
  type ConsentLinkRequest,
  type ConsentLinkState,
  type ConsentLinkStore,
  type IssuedLink,
  type NewLinkRequest,
} from "./token-store.ts";

type Db = Kysely<TokenStoreTables>;
type Deps = { db: Db; keys: KeyRing; events: Pick<EventLog, "transaction">; now: () => Date };
type OpeningDeps = Pick<Deps, "keys" | "now">;
/** `db` is the transaction in which the events are appended. */
type Issuing = Pick<Deps, "db" | "keys" | "now"> & { append: AppendEvent };
type LinkRow = Selectable<ConsentLinksTable>;

/** `ConsentLinkStore` over the rows of `consent_links` and `consent_attempts`. */
export function createConsentLinks(deps: Deps): ConsentLinkStore {
  const { db, keys, events, now } = deps;
  return {
    issue: (request, precondition) =>
      transactionOf(events, request.customerId, async ({ db, append, trx }) => {
        await precondition?.(trx);
        return issueLink({ keys, now, append, db }, request);
      }),

    async findByToken(token) {
      const row = await db
        .selectFrom("consent_links")
        .selectAll()
        .where("token_hash", "=", hashSecret(token))
        .executeTakeFirst();
      return row && toLink(row, token, now());
    },

    async latest(customerId) {
      const row = await newestLink(db, customerId);
      return row && { link: openLink(deps, row), lastAttempt: await findLastAttempt(db, row) };
    },

    async lastUsed(customerId) {
      const row = await lastUsedLink(db, customerId);
      return row && openLink(deps, row);
    },

    async newestStates(customerIds) {
      const rows = await findNewestLinks(db, customerIds);
      return new Map(rows.map((row) => [row.customer_id, linkState(row, now())]));
    },

    startAttempt: (link, state, target) =>
      events.transaction(async (trx, append) => {
        await insertAttempt(trx.withTables<TokenStoreTables>(), link.id, state, { ...target, at: now() });
        await append(toLinkOpened(link));
      }, `attempts of link ${link.id}`),

    async consumeState(state, lifetimeMs) {
      const attempt = await consumeState(db, state, { lifetimeMs, at: now() });
      if (attempt === undefined) return undefined;
      const { id, link_id, provider, client_id: clientId, redirect_uri: redirectUri } = attempt;
      const row = await findLink(db, link_id).executeTakeFirstOrThrow();
      return { id, provider, clientId, redirectUri, link: openLink(deps, row) };
    },

    async findByState(state) {
      const linkId = await findLinkId(db, state);
      const row = linkId === undefined ? undefined : await findLink(db, linkId).executeTakeFirst();
      return row && openLink(deps, row);
    },

    recordFailure: (attempt, outcome, accountEmail) =>
      events.transaction(async (trx, append) => {
        const tables = trx.withTables<TokenStoreTables>();
        if (await recordOutcome(tables, attempt.id, outcome, accountEmail))
          await append(toAttemptEnded(attempt, outcome));
      }),

    outcomes: (linkIds) => findOutcomes(db, linkIds),

    purgeLinks: (before, batch) => purgeLinks(db, before, batch),

    purgeAttempts: (due, limit) => purgeAttempts(db, due, limit),
  };
}

/**
 * Marks the link of an attempt as used. `db` may be a transaction.
 * @throws ConsentLinkChangedError where the link is no longer live, or expects another account or provider by now.
 */
export async function markLinkUsed(db: Db, { link, provider }: ConsentAttempt, at: Date): Promise<void> {
  const { numUpdatedRows } = await db
    .updateTable("consent_links")
    .set({ used_at: at.toISOString() })
    .where("id", "=", link.id)
    .where("used_at", "is", null)
    .where("revoked_at", "is", null)
    .where("customer_email", "is not distinct from", link.customerEmail)
    .where("any_account", "=", Number(link.anyAccount))
    .where("account_id", "is not distinct from", link.accountId)
    .where((eb) => eb.or([eb("provider", "is", null), eb("provider", "=", provider)]))
    .executeTakeFirstOrThrow();
  if (numUpdatedRows !== 1n) throw new ConsentLinkChangedError();
}

function findLink(db: Db, id: number) {
  return db.selectFrom("consent_links").selectAll().where("id", "=", id);
}

function linksOfCustomer(db: Db, customerId: string) {
  return db.selectFrom("consent_links").where("customer_id", "=", customerId);
}

/** Keeps the live link of a lost connection, or makes one that only the lost account may use. */
export async function issueForLost(deps: Issuing, request: NewLinkRequest): Promise<void> {
  const connected = await findConnected(deps.db, request.customerId);
  const newest = await newestLink(deps.db, request.customerId);
  if (newest !== undefined && liveToken(deps, newest) !== null) return;
  await replaceLink(deps, request, newTerms({}, newest, connected));
}

function newestLink(db: Db, customerId: string): Promise<LinkRow | undefined> {
  return linksOfCustomer(db, customerId).selectAll().orderBy("id", "desc").limit(1).executeTakeFirst();
}

function lastUsedLink(db: Db, customerId: string): Promise<LinkRow | undefined> {
  return linksOfCustomer(db, customerId)
    .selectAll()
    .where("used_at", "is not", null)
    .orderBy("id", "desc")
    .limit(1)
    .executeTakeFirst();
}

function findConnected(db: Db, customerId: string): Promise<Connected | undefined> {
  return db
    .selectFrom("oauth_tokens")
    .select(["provider", "calendar_email", "account_id", "reconnect_required_since"])
    .where("customer_id", "=", customerId)
    .executeTakeFirst();
}

async function issueLink(deps: Issuing, given: ConsentLinkRequest): Promise<IssuedLink> {
  const { db, now } = deps;
  const newest = await newestLink(db, given.customerId);
  const connected = await findConnected(db, given.customerId);
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

/**
 * Whether a request for a lost connection repeats the address of the link that made it. Admins' systems send that address
 * with every request, so it doesn't mean that another account is expected now.
 */
async function isRepeated(
  db: Db,
  { customerId, provider, customerEmail, anyAccount }: ConsentLinkRequest,
  connected: Connected | undefined,
): Promise<boolean> {
  const isLost = connected?.reconnect_required_since != null;
  if (!isLost || customerEmail === undefined || anyAccount !== undefined) return false;
  if (provider !== undefined && provider !== connected?.provider) return false;
  return isSameText(customerEmail, (await lastUsedLink(db, customerId))?.customer_email);
}

/** Revokes the live link, and makes a new one. */
async function replaceLink(
  { db, keys, append, now }: Issuing,
  { customerId, lifetimeMs }: NewLinkRequest,
  terms: Terms,
): Promise<IssuedLink> {
  const at = now();
  const revoked = await revokeUnused(db, customerId, at);
  // A link that had expired was over already.
  await appendRevoked(
    append,
    revoked.filter(({ isLive }) => isLive),
    "renewed",
  );
  const token = randomBytes(32).toString("base64url");
  const tokenHash = hashSecret(token);
  const row = {
    ...terms,
    customer_id: customerId,
    token_hash: tokenHash,
    token_sealed: keys.seal(linkPlace(customerId, tokenHash), token),
    key_fingerprint: keys.primaryFingerprint,
    sealed_with_provider: 0,
    created_at: at.toISOString(),
    expires_at: new Date(at.getTime() + lifetimeMs).toISOString(),
    used_at: null,
    revoked_at: null,
  };
  const { id } = await db.insertInto("consent_links").values(row).returning("id").executeTakeFirstOrThrow();
  const link = { ...toLink({ ...row, id }, token, at), token };
  await append(toLinkIssued(link));
  return link;
}

/** Revokes the link of a customer that wasn't used, if there is one, expired or not. `db` may be a transaction. */
export async function revokeUnused(db: Db, customerId: string, at: Date): Promise<RevokedLink[]> {
  const rows = await db
    .updateTable("consent_links")
    .set({ revoked_at: at.toISOString() })
    .where("customer_id", "=", customerId)
    .where("used_at", "is", null)
    .where("revoked_at", "is", null)
    .returning(["id", "expires_at"])
    .execute();
  return rows.map(({ id, expires_at }) => ({ customerId, id, isLive: expires_at > at.toISOString() }));
}

type RevokedLink = Pick<ConsentLink, "customerId" | "id"> & { readonly isLive: boolean };

function openLink(deps: OpeningDeps, row: LinkRow): ConsentLink {
  return toLink(row, liveToken(deps, row), deps.now());
}

/** The token of a live link; null for any other link, and where no configured key opens it. */
function liveToken({ keys, now }: OpeningDeps, row: LinkRow): string | null {
  if (linkState(row, now()) !== "live") return null;
  try {
    return keys.open(linkPlace(row.customer_id, row.token_hash), row.token_sealed);
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
