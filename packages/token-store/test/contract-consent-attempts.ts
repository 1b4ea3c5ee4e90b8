import type { Test } from "tap";
import type { TokenStore } from "../src/index.ts";

type Opened = { store: TokenStore; clock: { now: Date } };

/** The part of the contract that is about how long attempts and links are kept. */
export function testConsentAttempts(t: Test, open: (t: Test) => Promise<Opened>): void {
  const alice = { customerId: "alice", provider: "google" };
  const bob = { customerId: "bob", provider: "google" };
  const hour = 3_600_000;
  const request = { ...alice, lifetimeMs: 7 * 24 * hour };
  const grant = {
    accessToken: "ya29.x",
    refreshToken: "1//x",
    tokenExpiry: new Date("2026-11-22T13:00:00Z"),
    calendarEmail: "x@example.com",
    accountId: "x",
    scope: "",
  };
  const pass = (clock: Opened["clock"], ms: number) => {
    clock.now = new Date(clock.now.getTime() + ms);
  };

  t.test("a state counts for an hour, and its link is known for longer", async (t) => {
    const { store, clock } = await open(t);
    const { startAttempt, claimAttempt, findByState } = store.consentLinks;
    const link = await store.consentLinks.issue(request);
    await startAttempt(link, "early");
    pass(clock, hour - 1);
    t.match(await claimAttempt("early"), { link: { id: link.id } });
    await startAttempt(link, "late");
    pass(clock, hour);
    t.equal(await claimAttempt("late"), undefined);
    await startAttempt(link, "ahead");
    pass(clock, -hour - 1);
    t.equal(await claimAttempt("ahead"), undefined, "begun when the clock was ahead");
    for (const state of ["early", "late", "ahead"]) t.match(await findByState(state), { token: link.token });
    t.equal(await findByState("never begun"), undefined);
  });

  t.test("of a link's attempts the newest are kept, apart from those of other links", async (t) => {
    const { store } = await open(t);
    const { startAttempt, claimAttempt, findByState } = store.consentLinks;
    const other = await store.consentLinks.issue({ ...request, ...bob });
    await startAttempt(other, "other");
    const link = await store.consentLinks.issue(request);
    await startAttempt(link, "returned");
    t.ok(await claimAttempt("returned"));
    for (let i = 0; i < 25; i++) await startAttempt(link, `state-${i}`);
    t.equal(await findByState("state-4"), undefined);
    t.ok(await findByState("state-5"));
    t.ok(await findByState("returned"), "what comes back is being finished");
    t.ok(await claimAttempt("state-24"));
    t.ok(await claimAttempt("other"));
  });

  t.test("dead links are removed page by page, but for the newest and the last used one", async (t) => {
    const { store, clock } = await open(t);
    const { issue, findByToken, purgeLinks, startAttempt, claimAttempt, findByState } = store.consentLinks;
    const renewed = await issue(request);
    await startAttempt(renewed, "of the renewed");
    const used = await issue({ ...request, renew: true });
    await startAttempt(used, "of the used");
    const attempt = await claimAttempt("of the used");
    if (attempt === undefined) throw new Error("not claimed");
    await store.completeConsent(attempt, grant);
    const expired = await issue(request);
    const only = await issue({ ...request, ...bob });
    pass(clock, 8 * 24 * hour);
    const newest = await issue(request);
    pass(clock, hour);

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
    t.match(await store.consentLinks.lastUsed(alice), { id: used.id });
  });

  t.test("attempts are removed by their age, sooner where they never came back", async (t) => {
    const { store, clock } = await open(t);
    const { issue, startAttempt, claimAttempt, purgeAttempts, findByState } = store.consentLinks;
    const link = await issue(request);
    for (const state of ["a", "b", "returned"]) await startAttempt(link, state);
    t.ok(await claimAttempt("returned"));
    pass(clock, hour);
    const never = new Date(0);
    t.equal(await purgeAttempts({ startedBefore: never, unreturnedBefore: never }, 10), 0);
    t.equal(await purgeAttempts({ startedBefore: never, unreturnedBefore: clock.now }, 1), 1);
    t.equal(await purgeAttempts({ startedBefore: never, unreturnedBefore: clock.now }, 10), 1);
    t.ok(await findByState("returned"));
    t.equal(await purgeAttempts({ startedBefore: clock.now, unreturnedBefore: never }, 10), 1);
    t.equal(await findByState("returned"), undefined);
  });
}
