import type { Test } from "tap";
import type { Grant, TokenStore } from "../src/index.ts";

/** The part of the contract that is about which account of the provider a connection is. */
export function testAccountIds(t: Test, open: (t: Test) => Promise<{ store: TokenStore }>): void {
  const alice = { customerId: "alice", provider: "google" };
  const bob = { customerId: "bob", provider: "google" };
  const request = { ...alice, customerEmail: "alice@example.com", lifetimeMs: 3_600_000 };
  const grant = {
    accessToken: "ya29.x",
    refreshToken: "1//x",
    tokenExpiry: new Date("2026-11-22T13:00:00Z"),
    calendarEmail: "x@example.com",
    accountId: "x",
    scope: "openid email",
  };

  async function consent(store: TokenStore, key: typeof alice, told: Partial<Grant>): Promise<void> {
    const link = await store.consentLinks.issue({ ...request, ...key, renew: true });
    await store.consentLinks.startAttempt(link, `state-${link.id}`);
    const attempt = await store.consentLinks.claimAttempt(`state-${link.id}`);
    if (attempt === undefined) throw new Error("the attempt just started can't be claimed");
    await store.completeConsent(attempt, { ...grant, ...told });
  }

  t.test("an account's id is kept from the answer that first tells it", async (t) => {
    const { store } = await open(t);
    const tokenExpiry = new Date("2026-11-22T14:00:00Z");
    await consent(store, alice, { accountId: null });
    const accountAfter = async (accountId?: string) => {
      const read = await store.connections.find(alice);
      if (read === undefined) throw new Error("not connected");
      const told = accountId === undefined ? {} : { accountId };
      await store.connections.saveRefreshed(read, { accessToken: "a", tokenExpiry, ...told });
      return (await store.connections.statuses(["alice"], "google"))[0]?.accountId;
    };
    t.equal(await accountAfter(), null);
    t.equal(await accountAfter("first"), "first");
    t.equal(await accountAfter("second"), "first");
    t.equal(await accountAfter(), "first");
    await consent(store, alice, { accountId: "third" });
    t.match(await store.connections.find(alice), { accountId: "third" });
  });

  t.test("an account is shared by its id, or by its address where one has no id", async (t) => {
    const { store } = await open(t);
    const shared = async (a: Partial<Grant>, b: Partial<Grant>) => {
      await consent(store, alice, a);
      await consent(store, bob, b);
      const [status] = await store.connections.statuses(["alice"], "google");
      return status && store.connections.isAccountShared(status);
    };
    const [one, two, unknown] = [{ accountId: "1" }, { accountId: "2" }, { accountId: null }];
    t.equal(await shared(one, { ...one, calendarEmail: "y@example.com" }), true, "under two addresses");
    t.equal(await shared(one, two), false, "one after the other had the address");
    t.equal(await shared(one, unknown), true);
    t.equal(await shared(unknown, two), true);
    t.equal(await shared(unknown, { ...unknown, calendarEmail: "y@example.com" }), false);
    t.equal(await shared({ ...unknown, calendarEmail: null }, { ...unknown, calendarEmail: null }), false);
  });

  t.test("the account that a link demands is carried on until another address is named", async (t) => {
    const { store } = await open(t);
    const issue = (more: object) => store.consentLinks.issue({ ...request, ...more });
    const demanded = { customerEmail: "alice@example.com", accountId: "1" };
    t.match(await issue(demanded), demanded);
    t.match(await issue({ customerEmail: undefined }), demanded);
    t.match(await issue({ customerEmail: "Alice@Example.com" }), { accountId: "1" });
    t.match(await issue({ customerEmail: undefined, renew: true }), { accountId: "1" });
    t.match(await issue({ accountId: null }), { accountId: null });
    t.match(await issue(demanded), demanded);
    t.match(await issue({ customerEmail: "new@example.com" }), { accountId: null });
    t.match(await issue({ customerEmail: "alice@example.com" }), { accountId: null });
  });
}
