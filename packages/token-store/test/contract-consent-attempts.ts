import {
  alice,
  bob,
  type ContractTests,
  grantOf,
  hourMs,
  passTime,
  request,
  returnedAttempt,
  target,
} from "./fixtures.ts";

/** What every database has to keep of the attempts to use a link. */
export const consentAttemptTests: ContractTests = {
  "a state is consumed once, also by two at the same moment": async (t, { store }) => {
    const link = await store.consentLinks.issue(request);
    await store.consentLinks.startAttempt(link, "state", target);
    const found = await Promise.all([1, 2, 3].map(() => store.consentLinks.consumeState("state", hourMs)));
    t.equal(found.filter((attempt) => attempt !== undefined).length, 1);
    t.equal(await store.consentLinks.consumeState("another", hourMs), undefined);
  },

  "a state is valid for an hour, and its link is known for longer": async (t, { store, clock }) => {
    const { startAttempt, consumeState, findByState } = store.consentLinks;
    const link = await store.consentLinks.issue(request);
    await startAttempt(link, "early", target);
    passTime(clock, hourMs - 1);
    t.match(await consumeState("early", hourMs), { link: { id: link.id } });
    await startAttempt(link, "late", target);
    passTime(clock, hourMs);
    t.equal(await consumeState("late", hourMs), undefined);
    await startAttempt(link, "ahead", target);
    passTime(clock, -hourMs - 1);
    t.equal(await consumeState("ahead", hourMs), undefined, "begun when the clock was ahead");
    for (const state of ["early", "late", "ahead"]) t.match(await findByState(state), { token: link.token });
    t.equal(await findByState("never begun"), undefined);
  },

  "a state is valid for as long as its provider says": async (t, { store, clock }) => {
    const link = await store.consentLinks.issue(request);
    for (const state of ["in time", "late"]) await store.consentLinks.startAttempt(link, state, target);
    passTime(clock, 299_999);
    t.match(await store.consentLinks.consumeState("in time", 300_000), { ...target, link: { id: link.id } });
    passTime(clock, 1);
    t.equal(await store.consentLinks.consumeState("late", 300_000), undefined);
  },

  "how an attempt ended stands at the link": async (t, { store }) => {
    const link = await store.consentLinks.issue(request);
    t.match(await store.consentLinks.latest("alice"), { link: { id: link.id }, lastAttempt: null });
    const attempt = await returnedAttempt(store, link);
    await store.consentLinks.recordFailure(attempt, "wrong_account", "mallory@example.com");
    t.match(await store.consentLinks.latest("alice"), {
      link: { state: "live" },
      lastAttempt: { outcome: "wrong_account", accountEmail: "mallory@example.com" },
    });
    t.equal(await store.consentLinks.latest("bob"), undefined);
  },

  "a link that was revoked or changed while the business was away completes nothing": async (
    t,
    { store },
  ) => {
    const changes = [
      () => store.disconnect("alice", true),
      () => store.consentLinks.issue({ ...request, renew: true }),
      () => store.consentLinks.issue({ ...request, customerEmail: "other@example.com" }),
    ];
    for (const change of changes) {
      const attempt = await returnedAttempt(store, await store.consentLinks.issue(request));
      await change();
      await t.rejects(store.completeConsent(attempt, grantOf("alice")), { code: "consent_link_changed" });
      t.equal(await store.connections.find(alice), undefined);
    }
  },

  "of a link's attempts the newest are kept, apart from those of other links": async (t, { store }) => {
    const { startAttempt, consumeState, findByState } = store.consentLinks;
    const other = await store.consentLinks.issue({ ...request, ...bob });
    await startAttempt(other, "other", target);
    const link = await store.consentLinks.issue(request);
    await startAttempt(link, "returned", target);
    t.ok(await consumeState("returned", hourMs));
    for (let i = 0; i < 25; i++) await startAttempt(link, `state-${i}`, target);
    t.equal(await findByState("state-4"), undefined);
    t.ok(await findByState("state-5"));
    t.ok(await findByState("returned"), "what comes back is being finished");
    t.ok(await consumeState("state-24", hourMs));
    t.ok(await consumeState("other", hourMs));
  },

  "attempts are removed by their age, sooner where they never came back": async (t, { store, clock }) => {
    const { issue, startAttempt, consumeState, purgeAttempts, findByState } = store.consentLinks;
    const link = await issue(request);
    for (const state of ["a", "b", "returned"]) await startAttempt(link, state, target);
    t.ok(await consumeState("returned", hourMs));
    passTime(clock, hourMs);
    const never = new Date(0);
    t.equal(await purgeAttempts({ startedBefore: never, unreturnedBefore: never }, 10), 0);
    t.equal(await purgeAttempts({ startedBefore: never, unreturnedBefore: clock.now }, 1), 1);
    t.equal(await purgeAttempts({ startedBefore: never, unreturnedBefore: clock.now }, 10), 1);
    t.ok(await findByState("returned"));
    t.equal(await purgeAttempts({ startedBefore: clock.now, unreturnedBefore: never }, 10), 1);
    t.equal(await findByState("returned"), undefined);
  },
};
