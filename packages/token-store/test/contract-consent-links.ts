import {
  alice,
  bob,
  type ContractTests,
  connect,
  grantOf,
  hourMs,
  passTime,
  request,
  returnedAttempt,
  target,
} from "./fixtures.ts";

/** What every database has to keep of consent links. */
export const consentLinkTests: ContractTests = {
  "asking again returns the same live link": async (t, { store }) => {
    const first = await store.consentLinks.issue(request);
    const again = await store.consentLinks.issue({ ...request, customerEmail: "new@example.com" });
    t.equal(again.token, first.token);
    t.equal(again.customerEmail, "new@example.com", "a corrected address is remembered");
    t.equal(Buffer.from(first.token, "base64url").length, 32);
    t.match(await store.consentLinks.findByToken(first.token), { state: "live", customerId: "alice" });
    t.equal(await store.consentLinks.findByToken("unknown"), undefined);
  },

  "asking for the same customer's link at the same moment makes one": async (t, { store }) => {
    const links = await Promise.all(Array.from({ length: 10 }, () => store.consentLinks.issue(request)));
    t.equal(new Set(links.map((link) => link.token)).size, 1);
  },

  "a lost connection has a link that only the lost account may use": async (t, { store }) => {
    const newest = async () => (await store.consentLinks.latest("alice"))?.link;
    const lose = async () => {
      const connection = await store.connections.find(alice);
      if (connection !== undefined) await store.connections.requireReconnect(connection, "invalid_grant");
      return newest();
    };

    const first = await connect(store, "alice");
    t.match(await newest(), { id: first.id, state: "used" });
    const again = await lose();
    t.match(again, { state: "live", accountId: "account-of-alice", anyAccount: false });
    t.match(await lose(), { id: again?.id, token: again?.token }, "the live one stays");
    const other = await store.consentLinks.issue({ ...request, customerEmail: "other@example.com" });
    t.match(
      await lose(),
      { token: other.token, customerEmail: "other@example.com" },
      "what the admin has said of a live link stays",
    );

    await connect(store, "alice");
    await lose();
    await store.disconnect("alice", true);
    t.match(await lose(), { state: "revoked" }, "disconnected");
  },

  "a link dies when it is renewed, revoked, used or too old": async (t, { store, clock }) => {
    const renewed = await store.consentLinks.issue(request);
    const revoked = await store.consentLinks.issue({ ...request, renew: true });
    t.match(await store.consentLinks.findByToken(renewed.token), { state: "revoked" });

    await store.disconnect("alice", true);
    t.match(await store.consentLinks.findByToken(revoked.token), { state: "revoked" });

    const used = await connect(store, "alice");
    t.match(await store.consentLinks.findByToken(used.token), { state: "used" });

    const old = await store.consentLinks.issue(request);
    t.not(old.token, used.token);
    passTime(clock, request.lifetimeMs);
    t.match(await store.consentLinks.findByToken(old.token), { state: "expired" });
    t.not((await store.consentLinks.issue(request)).token, old.token);
  },

  "the account that a link demands is carried on until another address is named": async (t, { store }) => {
    const { lifetimeMs } = request;
    const issue = (more: object) => store.consentLinks.issue({ ...alice, lifetimeMs, ...more });
    const demanded = { customerEmail: "alice@example.com", accountId: "1" };
    await connect(store, "alice", { accountId: "1" });
    t.match(await issue({}), { ...demanded, anyAccount: false }, "the account that is connected");
    t.match(await issue({}), demanded);
    t.match(await issue({ customerEmail: "Alice@Example.com" }), { accountId: "1" });
    t.match(await issue({ renew: true }), demanded);
    t.match(await issue({ anyAccount: true }), { accountId: "1", anyAccount: true });
    t.match(await issue({ customerEmail: "new@example.com" }), { accountId: null });
    t.match(await issue({ customerEmail: "alice@example.com" }), { accountId: null });
    t.match(await issue({ anyAccount: true, renew: true }), { accountId: null, anyAccount: true });
    await store.disconnect("alice", true);
    t.match(await issue({}), { customerEmail: "alice@example.com", accountId: null, anyAccount: true });
  },

  "a link may name a provider, and another one than the connected doesn't demand its account": async (
    t,
    { store },
  ) => {
    const { lifetimeMs } = request;
    const issue = (more: object) => store.consentLinks.issue({ customerId: "alice", lifetimeMs, ...more });
    t.match(await issue({}), { provider: null });
    t.match(await issue({ provider: "another" }), { provider: "another" }, "for the live link");
    t.match(await issue({}), { provider: "another" });
    await store.disconnect("alice", true);
    await issue({ provider: "google" });
    await connect(store, "alice");
    t.match(await issue({}), { provider: "google", accountId: "account-of-alice" });
    t.match(await issue({ provider: "another" }), { provider: "another", accountId: null });
    t.match(await issue({ provider: "google", renew: true }), {
      provider: "google",
      accountId: "account-of-alice",
    });
    t.match(await issue({ customerEmail: "alice@example.com", renew: true }), { provider: null });
    const attempt = await returnedAttempt(store, await issue({}));
    await issue({ provider: "another" });
    const completed = store.completeConsent(attempt, grantOf("alice"));
    await t.rejects(completed, { code: "consent_link_changed" }, "it was changed meanwhile");
  },

  "a lost connection's address that a system repeats doesn't name another account": async (t, { store }) => {
    await connect(store, "alice", { accountId: "1", calendarEmail: "changed@example.com" });
    const connection = await store.connections.find(alice);
    if (connection !== undefined) await store.connections.requireReconnect(connection, "invalid_grant");
    const demanded = { customerEmail: "changed@example.com", accountId: "1", anyAccount: false };
    t.match((await store.consentLinks.latest("alice"))?.link, demanded);
    t.match(await store.consentLinks.issue(request), demanded, "for the live link");
    t.match(await store.consentLinks.issue({ ...request, renew: true }), demanded, "for a new link");
    t.match(
      await store.consentLinks.issue({ ...request, anyAccount: false, renew: true }),
      { customerEmail: "alice@example.com", accountId: null },
      "unless it says who may",
    );
  },

  "dead links are removed batch by batch, but for the newest and the last used one": async (
    t,
    { store, clock },
  ) => {
    const { issue, findByToken, purgeLinks, startAttempt, findByState } = store.consentLinks;
    const renewed = await issue(request);
    await startAttempt(renewed, "of the renewed", target);
    await issue({ ...request, renew: true });
    const used = await connect(store, "alice");
    const expired = await issue(request);
    const only = await issue({ ...request, ...bob });
    passTime(clock, 8 * 24 * hourMs);
    const newest = await issue(request);
    passTime(clock, hourMs);

    const deadSince = clock.now;
    t.strictSame(await purgeLinks(new Date(0), { afterId: 0, limit: 10 }), { removed: 0, lastId: newest.id });
    t.strictSame(await purgeLinks(deadSince, { afterId: 0, limit: 2 }), { removed: 1, lastId: used.id });
    t.strictSame(await purgeLinks(deadSince, { afterId: used.id, limit: 2 }), {
      removed: 1,
      lastId: only.id,
    });
    t.strictSame(await purgeLinks(deadSince, { afterId: only.id, limit: 2 }), {
      removed: 0,
      lastId: newest.id,
    });
    t.strictSame(await purgeLinks(deadSince, { afterId: newest.id, limit: 2 }), {
      removed: 0,
      lastId: undefined,
    });
    const states = [renewed, used, expired, only, newest].map(({ token }) => findByToken(token));
    t.strictSame(
      (await Promise.all(states)).map((link) => link?.state),
      [undefined, "used", undefined, "expired", "live"],
    );
    t.equal(await findByState("of the renewed"), undefined, "attempts go with their link");
    t.match(await store.consentLinks.lastUsed("alice"), { id: used.id });
  },
};
