import type { Grant } from "../src/index.ts";
import {
  alice,
  bob,
  type ContractTests,
  connect,
  findConnection,
  grantOf,
  refuse,
  request,
  returnedAttempt,
  target,
} from "./fixtures.ts";

const renewAt = new Date("2027-01-22T12:00:00Z");

/** What every database has to keep of connections. */
export const connectionTests: ContractTests = {
  "a completed consent is found whole, and only under its own customer": async (t, { store }) => {
    await connect(store, "alice");
    t.match(await store.connections.find(alice), { ...grantOf("alice"), customerId: "alice" });
    t.equal(await store.connections.find(bob), undefined);
    t.equal(await store.connections.find({ ...alice, provider: "microsoft" }), undefined);
    t.match(await store.connections.statuses(["alice", "bob"]), [
      { customerId: "alice", calendarEmail: "alice@example.com", reconnectRequiredSince: null },
    ]);
    t.strictSame(await store.connections.statuses([]), []);
  },

  "of two that refreshed from the same version only the first is saved": async (t, { store }) => {
    await connect(store, "alice");
    const read = await findConnection(store, "alice");
    const tokenExpiry = new Date("2026-11-22T14:00:00Z");
    t.equal(
      await store.connections.saveRefreshed(read, { accessToken: "first", tokenExpiry, renewAt }),
      true,
    );
    t.equal(
      await store.connections.saveRefreshed(read, { accessToken: "second", tokenExpiry, renewAt }),
      false,
    );
    t.equal(await store.connections.requireReconnect(read, "invalid_grant"), undefined);
    t.match(await store.connections.find(alice), {
      accessToken: "first",
      refreshToken: "1//alice",
      tokenExpiry,
      reconnectRequiredSince: null,
    });
  },

  "a rotated refresh token replaces the old one, a missing one doesn't": async (t, { store }) => {
    await connect(store, "alice");
    const first = await findConnection(store, "alice");
    const tokenExpiry = new Date("2026-11-22T14:00:00Z");
    await store.connections.saveRefreshed(first, {
      accessToken: "a",
      tokenExpiry,
      renewAt,
      refreshToken: "1//rotated",
    });
    const second = await findConnection(store, "alice");
    await store.connections.saveRefreshed(second, {
      accessToken: "b",
      tokenExpiry,
      renewAt,
      refreshToken: undefined,
    });
    t.match(await store.connections.find(alice), { accessToken: "b", refreshToken: "1//rotated" });
  },

  "a dead connection says why and since when, and a new consent revives it": async (t, { store, clock }) => {
    await connect(store, "alice");
    const read = await findConnection(store, "alice");
    t.match(await store.connections.requireReconnect(read, "invalid_grant"), {
      reconnectReason: "invalid_grant",
    });
    t.match(await store.connections.statuses(["alice"]), [
      { reconnectReason: "invalid_grant", reconnectRequiredSince: clock.now },
    ]);
    await connect(store, "alice", grantOf("again"));
    t.match(await store.connections.find(alice), { accessToken: "ya29.again", reconnectReason: null });
  },

  "the calendar's time zone is kept, over a new consent too, and changes nothing else": async (
    t,
    { store },
  ) => {
    await store.connections.rememberTimeZone("alice", "Europe/Berlin");
    await connect(store, "alice");
    await connect(store, "bob");
    const zones = async () =>
      (await store.connections.statuses(["alice", "bob"])).map(({ timeZone }) => timeZone);
    t.strictSame(await zones(), [null, null]);
    const read = await findConnection(store, "alice");
    await store.connections.rememberTimeZone("alice", "America/Bogota");
    t.strictSame(await zones(), ["America/Bogota", null]);
    const refreshed = {
      accessToken: "ya29.new",
      tokenExpiry: new Date("2026-11-22T14:00:00Z"),
      renewAt: null,
    };
    t.equal(await store.connections.saveRefreshed(read, refreshed), true, "a refresh under way is saved");
    t.strictSame(await zones(), ["America/Bogota", null]);
    await connect(store, "alice", grantOf("again"));
    t.strictSame(await zones(), ["America/Bogota", null], "most connect the same calendar again");
    await store.disconnect("alice", true);
    await connect(store, "alice", grantOf("another"));
    t.strictSame(await zones(), [null, null]);
  },

  "what was read of a removed connection saves nothing over the next one": async (t, { store }) => {
    await connect(store, "alice");
    const old = await findConnection(store, "alice");
    await store.disconnect("alice", true);
    await connect(store, "alice", grantOf("again"));
    const tokenExpiry = new Date("2026-11-22T14:00:00Z");
    t.equal(
      await store.connections.saveRefreshed(old, { accessToken: "stale", tokenExpiry, renewAt }),
      false,
    );
    t.equal(await store.connections.requireReconnect(old, "invalid_grant"), undefined);
    t.match(await store.connections.find(alice), { accessToken: "ya29.again", reconnectReason: null });
  },

  "disconnecting forgets the tokens and the live link of that customer alone": async (t, { store }) => {
    await connect(store, "alice");
    await connect(store, "bob");
    await store.consentLinks.issue(request);
    const other = await store.consentLinks.issue({ ...request, ...bob });
    t.equal(await store.disconnect("alice", true), true);
    t.equal(await store.disconnect("alice", true), false);
    t.equal(await store.connections.find(alice), undefined);
    t.match(await store.consentLinks.latest("alice"), { link: { state: "revoked" } });
    t.match(await store.connections.find(bob), { accessToken: "ya29.bob" });
    t.match(await store.consentLinks.findByToken(other.token), { state: "live" });
  },

  "a disconnecting that is cut short leaves the connection and its link as they were": async (
    t,
    { store, db },
  ) => {
    await connect(store, "alice");
    const { token } = await store.consentLinks.issue(request);
    for (const change of ["delete on oauth_tokens", "update on consent_links"]) {
      const stop = await refuse(db, change, "cut short");
      await t.rejects(store.disconnect("alice", true), { message: "cut short" });
      await stop();
      t.match(await store.connections.find(alice), { accessToken: "ya29.alice" });
      t.match(await store.consentLinks.findByToken(token), { state: "live" });
    }
    t.equal(await store.disconnect("alice", true), true);
  },

  "the check answers while the database does": async (t, { store }) => {
    await t.resolves(store.check());
  },

  "an account's id is kept from the answer that first tells it": async (t, { store }) => {
    const tokenExpiry = new Date("2026-11-22T14:00:00Z");
    await connect(store, "alice", { accountId: null });
    const accountAfter = async (accountId?: string) => {
      const read = await findConnection(store, "alice");
      const told = accountId === undefined ? {} : { accountId };
      await store.connections.saveRefreshed(read, { accessToken: "a", tokenExpiry, renewAt, ...told });
      return (await store.connections.statuses(["alice"]))[0]?.accountId;
    };
    t.equal(await accountAfter(), null);
    t.equal(await accountAfter("first"), "first");
    t.equal(await accountAfter("second"), "first");
    t.equal(await accountAfter(), "first");
    await connect(store, "alice", { accountId: "third" });
    t.match(await store.connections.find(alice), { accountId: "third" });
  },

  "a customer has one connection: another account's or provider's takes its place": async (t, { store }) => {
    await connect(store, "alice");
    await connect(store, "bob");
    const first = await findConnection(store, "alice");
    await connect(store, "alice");
    const again = await findConnection(store, "alice");
    t.equal(again.connectionId, first.connectionId, "the same account's stays the same");
    await connect(store, "alice", { accountId: "other" });
    const other = await findConnection(store, "alice");
    t.not(other.connectionId, first.connectionId);
    const link = await store.consentLinks.issue(request);
    const attempt = await returnedAttempt(store, link, { ...target, provider: "another" });
    const elsewhere = { ...grantOf("alice"), refreshToken: null, clientId: "another-client" };
    await store.completeConsent(attempt, elsewhere);
    t.equal(await store.connections.find(alice), undefined);
    t.match(await store.connections.find({ ...alice, provider: "another" }), elsewhere);
    t.match(await store.connections.statuses(["alice", "bob"]), [
      { customerId: "alice", provider: "another" },
      { customerId: "bob", provider: "google" },
    ]);
    const tokens = { accessToken: "stale", tokenExpiry: new Date(), renewAt };
    t.equal(await store.connections.saveRefreshed(other, tokens), false);
    t.equal(await store.disconnect("alice", true), true);
    t.strictSame(await store.connections.statuses(["alice"]), []);
  },

  "an account is shared by its id, or by its address where one has no id": async (t, { store }) => {
    const shared = async (a: Partial<Grant>, b: Partial<Grant>) => {
      await connect(store, "alice", { calendarEmail: "x@example.com", ...a });
      await connect(store, "bob", { calendarEmail: "x@example.com", ...b });
      const [status] = await store.connections.statuses(["alice"]);
      return status && store.connections.isAccountShared(status);
    };
    const [one, two, unknown] = [{ accountId: "1" }, { accountId: "2" }, { accountId: null }];
    t.equal(await shared(one, { ...one, calendarEmail: "y@example.com" }), true, "under two addresses");
    t.equal(await shared(one, two), false, "one after the other had the address");
    t.equal(await shared(one, unknown), true);
    t.equal(await shared(unknown, two), true);
    t.equal(await shared(unknown, { ...unknown, calendarEmail: "y@example.com" }), false);
    t.equal(await shared({ ...unknown, calendarEmail: null }, { ...unknown, calendarEmail: null }), false);
    t.equal(await shared({ ...one, clientId: "our-other-client" }, one), false, "to another client of ours");
    t.equal(await shared({ ...one, clientId: null }, one), true, "to a client that isn't known");
    t.equal(await shared(one, { ...one, clientId: null }), true);
  },
};
