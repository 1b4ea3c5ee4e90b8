import type { Database } from "@cita/database";
import type { Test } from "tap";
import { createKeyRing, generateFernetKey, openTokenStore, type TokenStore } from "../src/index.ts";
import { testAccountIds } from "./contract-account-ids.ts";
import { testCalendarStates } from "./contract-calendar-states.ts";
import { testConsentAttempts } from "./contract-consent-attempts.ts";

export type StoreUnderTest = { store: TokenStore; db: Database; clock: { now: Date } };

/**
 * What every database has to pass, written against the contract alone.
 * @param openDatabase an empty database, closed at the test's end.
 */
export function testTokenStore(t: Test, openDatabase: (t: Test) => Promise<Database>): void {
  const open = async (t: Test): Promise<StoreUnderTest> => {
    const db = await openDatabase(t);
    const clock = { now: new Date("2026-11-22T12:00:00Z") };
    const store = await openTokenStore({
      db,
      keys: createKeyRing(generateFernetKey()),
      now: () => clock.now,
    });
    return { store, db, clock };
  };

  testAccountIds(t, open);
  testCalendarStates(t, open);
  testConsentAttempts(t, open);

  const alice = { customerId: "alice", provider: "google" };
  const bob = { customerId: "bob", provider: "google" };
  const hour = 3_600_000;
  const request = { ...alice, customerEmail: "alice@example.com", lifetimeMs: 7 * 24 * hour };
  const grant = (name: string) => ({
    accessToken: `ya29.${name}`,
    refreshToken: `1//${name}`,
    tokenExpiry: new Date("2026-11-22T13:00:00Z"),
    calendarEmail: `${name}@example.com`,
    accountId: `account-of-${name}`,
    scope: "openid email",
  });

  async function consent(store: TokenStore, key: typeof alice, name: string) {
    const link = await store.consentLinks.issue({ ...request, ...key });
    await store.consentLinks.startAttempt(link, `state-${name}-${link.id}`);
    const attempt = await store.consentLinks.claimAttempt(`state-${name}-${link.id}`);
    if (attempt === undefined) throw new Error("the attempt just started can't be claimed");
    await store.completeConsent(attempt, grant(name));
    return link;
  }

  t.test("asking again returns the same live link", async (t) => {
    const { store } = await open(t);
    const first = await store.consentLinks.issue(request);
    const again = await store.consentLinks.issue({ ...request, customerEmail: "new@example.com" });
    t.equal(again.token, first.token);
    t.equal(again.customerEmail, "new@example.com", "a corrected address is remembered");
    t.equal(Buffer.from(first.token, "base64url").length, 32);
    t.match(await store.consentLinks.findByToken(first.token), { state: "live", customerId: "alice" });
    t.equal(await store.consentLinks.findByToken("unknown"), undefined);
  });

  t.test("asking for the same customer's link at the same moment makes one", async (t) => {
    const { store } = await open(t);
    const links = await Promise.all(Array.from({ length: 10 }, () => store.consentLinks.issue(request)));
    t.equal(new Set(links.map((link) => link.token)).size, 1);
  });

  t.test("a link to connect again is made only while the connection is lost", async (t) => {
    const { store } = await open(t);
    const { issueForLost, latest } = store.consentLinks;
    t.equal(await issueForLost(request), undefined, "never connected");
    const first = await consent(store, alice, "alice");
    t.equal(await issueForLost(request), undefined, "connected");
    const lose = async () => {
      const connection = await store.connections.find(alice);
      if (connection !== undefined) await store.connections.requireReconnect(connection, "invalid_grant");
    };

    await lose();
    const links = await Promise.all(Array.from({ length: 5 }, () => issueForLost(request)));
    t.equal(new Set(links.map((link) => link?.token)).size, 1);
    t.not(links[0]?.token, first.token);
    const other = await store.consentLinks.issue({ ...request, customerEmail: "other@example.com" });
    t.match(
      await issueForLost(request),
      { token: other.token, customerEmail: "other@example.com" },
      "what the admin has said of a live link stays",
    );

    await consent(store, alice, "alice");
    t.equal(await issueForLost(request), undefined, "connected again");
    await lose();
    await store.disconnect(alice);
    t.equal(await issueForLost(request), undefined, "disconnected");
    t.match(await latest(alice), { link: { id: other.id, state: "used" } });
  });

  t.test("a link dies when it is renewed, revoked, used or too old", async (t) => {
    const { store, clock } = await open(t);
    const renewed = await store.consentLinks.issue(request);
    const revoked = await store.consentLinks.issue({ ...request, renew: true });
    t.match(await store.consentLinks.findByToken(renewed.token), { state: "revoked" });

    await store.disconnect(alice);
    t.match(await store.consentLinks.findByToken(revoked.token), { state: "revoked" });

    const used = await consent(store, alice, "alice");
    t.match(await store.consentLinks.findByToken(used.token), { state: "used" });

    const old = await store.consentLinks.issue(request);
    t.not(old.token, used.token);
    clock.now = new Date(clock.now.getTime() + request.lifetimeMs);
    t.match(await store.consentLinks.findByToken(old.token), { state: "expired" });
    t.not((await store.consentLinks.issue(request)).token, old.token);
  });

  t.test("a state is claimed once, also by two at the same moment", async (t) => {
    const { store } = await open(t);
    const link = await store.consentLinks.issue(request);
    await store.consentLinks.startAttempt(link, "state");
    const claims = await Promise.all([1, 2, 3].map(() => store.consentLinks.claimAttempt("state")));
    t.equal(claims.filter((claim) => claim !== undefined).length, 1);
    t.equal(await store.consentLinks.claimAttempt("another"), undefined);
  });

  t.test("how an attempt ended stands at the link", async (t) => {
    const { store } = await open(t);
    const link = await store.consentLinks.issue(request);
    t.match(await store.consentLinks.latest(alice), { link: { id: link.id }, lastAttempt: null });
    await store.consentLinks.startAttempt(link, "state");
    const attempt = await store.consentLinks.claimAttempt("state");
    if (attempt === undefined) throw new Error("not claimed");
    await store.consentLinks.settleAttempt(attempt, "wrong_account", "mallory@example.com");
    t.match(await store.consentLinks.latest(alice), {
      link: { state: "live" },
      lastAttempt: { outcome: "wrong_account", accountEmail: "mallory@example.com" },
    });
    t.equal(await store.consentLinks.latest(bob), undefined);
  });

  t.test("a completed consent is found whole, and only under its own customer", async (t) => {
    const { store } = await open(t);
    await consent(store, alice, "alice");
    t.match(await store.connections.find(alice), { ...grant("alice"), customerId: "alice" });
    t.equal(await store.connections.find(bob), undefined);
    t.equal(await store.connections.find({ ...alice, provider: "microsoft" }), undefined);
    t.match(await store.connections.statuses(["alice", "bob"], "google"), [
      { customerId: "alice", calendarEmail: "alice@example.com", reconnectRequiredSince: null },
    ]);
    t.strictSame(await store.connections.statuses([], "google"), []);
  });

  t.test("of two that refreshed from the same version only the first is saved", async (t) => {
    const { store } = await open(t);
    await consent(store, alice, "alice");
    const read = await store.connections.find(alice);
    if (read === undefined) throw new Error("not connected");
    const tokenExpiry = new Date("2026-11-22T14:00:00Z");
    t.equal(await store.connections.saveRefreshed(read, { accessToken: "first", tokenExpiry }), true);
    t.equal(await store.connections.saveRefreshed(read, { accessToken: "second", tokenExpiry }), false);
    t.equal(await store.connections.requireReconnect(read, "invalid_grant"), undefined);
    t.match(await store.connections.find(alice), {
      accessToken: "first",
      refreshToken: "1//alice",
      tokenExpiry,
      reconnectRequiredSince: null,
    });
  });

  t.test("a rotated refresh token replaces the old one, a missing one doesn't", async (t) => {
    const { store } = await open(t);
    await consent(store, alice, "alice");
    const first = await store.connections.find(alice);
    if (first === undefined) throw new Error("not connected");
    const tokenExpiry = new Date("2026-11-22T14:00:00Z");
    await store.connections.saveRefreshed(first, {
      accessToken: "a",
      tokenExpiry,
      refreshToken: "1//rotated",
    });
    const second = await store.connections.find(alice);
    if (second === undefined) throw new Error("not connected");
    await store.connections.saveRefreshed(second, { accessToken: "b", tokenExpiry, refreshToken: undefined });
    t.match(await store.connections.find(alice), { accessToken: "b", refreshToken: "1//rotated" });
  });

  t.test("a dead connection says why and since when, and a new consent revives it", async (t) => {
    const { store, clock } = await open(t);
    await consent(store, alice, "alice");
    const read = await store.connections.find(alice);
    if (read === undefined) throw new Error("not connected");
    t.match(await store.connections.requireReconnect(read, "invalid_grant"), {
      reconnectReason: "invalid_grant",
    });
    t.match(await store.connections.statuses(["alice"], "google"), [
      { reconnectReason: "invalid_grant", reconnectRequiredSince: clock.now },
    ]);
    await consent(store, alice, "again");
    t.match(await store.connections.find(alice), { accessToken: "ya29.again", reconnectReason: null });
  });

  t.test("the calendar's time zone is kept, over a new consent too, and changes nothing else", async (t) => {
    const { store } = await open(t);
    await store.connections.rememberTimeZone(alice, "Europe/Berlin");
    await consent(store, alice, "alice");
    await consent(store, bob, "bob");
    const zones = async () =>
      (await store.connections.statuses(["alice", "bob"], "google")).map(({ timeZone }) => timeZone);
    t.strictSame(await zones(), [null, null]);
    const read = await store.connections.find(alice);
    if (read === undefined) throw new Error("not connected");
    await store.connections.rememberTimeZone(alice, "America/Bogota");
    t.strictSame(await zones(), ["America/Bogota", null]);
    const refreshed = { accessToken: "ya29.new", tokenExpiry: new Date("2026-11-22T14:00:00Z") };
    t.equal(await store.connections.saveRefreshed(read, refreshed), true, "a refresh under way is saved");
    t.strictSame(await zones(), ["America/Bogota", null]);
    await consent(store, alice, "again");
    t.strictSame(await zones(), ["America/Bogota", null], "most connect the same calendar again");
    await store.disconnect(alice);
    await consent(store, alice, "another");
    t.strictSame(await zones(), [null, null]);
  });

  t.test("what was read of a removed connection saves nothing over the next one", async (t) => {
    const { store } = await open(t);
    await consent(store, alice, "alice");
    const old = await store.connections.find(alice);
    if (old === undefined) throw new Error("not connected");
    await store.disconnect(alice);
    await consent(store, alice, "again");
    const tokenExpiry = new Date("2026-11-22T14:00:00Z");
    t.equal(await store.connections.saveRefreshed(old, { accessToken: "stale", tokenExpiry }), false);
    t.equal(await store.connections.requireReconnect(old, "invalid_grant"), undefined);
    t.match(await store.connections.find(alice), { accessToken: "ya29.again", reconnectReason: null });
  });

  t.test("a link that was revoked or changed while the business was away completes nothing", async (t) => {
    const { store } = await open(t);
    const changes = [
      () => store.disconnect(alice),
      () => store.consentLinks.issue({ ...request, renew: true }),
      () => store.consentLinks.issue({ ...request, customerEmail: "other@example.com" }),
    ];
    for (const [i, change] of changes.entries()) {
      const link = await store.consentLinks.issue(request);
      await store.consentLinks.startAttempt(link, `state-${i}`);
      const attempt = await store.consentLinks.claimAttempt(`state-${i}`);
      if (attempt === undefined) throw new Error("not claimed");
      await change();
      await t.rejects(store.completeConsent(attempt, grant("alice")), { code: "consent_link_changed" });
      t.equal(await store.connections.find(alice), undefined);
    }
  });

  t.test("without the old key its links can still be managed: a live one is replaced", async (t) => {
    const { store, db, clock } = await open(t);
    const sealedBefore = await store.consentLinks.issue(request);
    const keys = createKeyRing(generateFernetKey());
    const later = await openTokenStore({ db, keys, now: () => clock.now });
    t.match(await later.consentLinks.latest(alice), { link: { state: "live", token: null } });
    const replaced = await later.consentLinks.issue(request);
    t.not(replaced.token, sealedBefore.token);
    t.match(await later.consentLinks.findByToken(sealedBefore.token), { state: "revoked" });
  });

  t.test("disconnecting forgets the tokens and the live link of that customer alone", async (t) => {
    const { store } = await open(t);
    await consent(store, alice, "alice");
    await consent(store, bob, "bob");
    await store.consentLinks.issue(request);
    const other = await store.consentLinks.issue({ ...request, ...bob });
    t.equal(await store.disconnect(alice), true);
    t.equal(await store.disconnect(alice), false);
    t.equal(await store.connections.find(alice), undefined);
    t.match(await store.consentLinks.latest(alice), { link: { state: "revoked" } });
    t.match(await store.connections.find(bob), { accessToken: "ya29.bob" });
    t.match(await store.consentLinks.findByToken(other.token), { state: "live" });
  });

  t.test("a row copied onto another customer's id can't be opened, and the other is unharmed", async (t) => {
    const { store, db } = await open(t);
    await consent(store, alice, "alice");
    await consent(store, bob, "bob");
    const tables = db.withTables<{ oauth_tokens: Record<string, string> }>();
    const row = await tables
      .selectFrom("oauth_tokens")
      .select(["access_token", "refresh_token"])
      .where("customer_id", "=", "alice")
      .executeTakeFirstOrThrow();
    await tables.updateTable("oauth_tokens").set(row).where("customer_id", "=", "bob").execute();
    await t.rejects(store.connections.find(bob), { code: "misplaced" });
    t.match(await store.connections.find(alice), { accessToken: "ya29.alice" });
  });

  t.test("no secret stands in the clear, and both tokens are Fernet tokens", async (t) => {
    const { store, db } = await open(t);
    const link = await consent(store, alice, "alice");
    const tables = db.withTables<Record<string, Record<string, unknown>>>();
    const rows = await Promise.all(
      ["oauth_tokens", "consent_links", "consent_attempts"].map((table) =>
        tables.selectFrom(table).selectAll().execute(),
      ),
    );
    const stored = JSON.stringify(rows);
    for (const secret of ["ya29.", "1//", link.token, "state-alice"])
      t.notOk(stored.includes(secret), secret);
    t.match(rows[0]?.[0], { access_token: /^gAAAA/, refresh_token: /^gAAAA/ });
  });

  t.test("the check answers while the database does", async (t) => {
    const { store } = await open(t);
    await t.resolves(store.check());
  });
}
