import {
  alice,
  bob,
  type ContractTests,
  grantOf,
  hourMs,
  passTime,
  request,
  returnedAttempt,
} from "./fixtures.ts";

/** What every database has to keep of the attempts to use a link. */
export const consentAttemptTests: ContractTests = {
  "a state is consumed once, also by two at the same moment": async (t, { store }) => {
    const link = await store.consentLinks.issue(request);
    await store.consentLinks.startAttempt(link, "state");
    const found = await Promise.all([1, 2, 3].map(() => store.consentLinks.consumeState("state")));
    t.equal(found.filter((attempt) => attempt !== undefined).length, 1);
    t.equal(await store.consentLinks.consumeState("another"), undefined);
  },

  "a state is valid for an hour, and its link is known for longer": async (t, { store, clock }) => {
    const { startAttempt, consumeState, findByState } = store.consentLinks;
    const link = await store.consentLinks.issue(request);
    await startAttempt(link, "early");
    passTime(clock, hourMs - 1);
    t.match(await consumeState("early"), { link: { id: link.id } });
    await startAttempt(link, "late");
    passTime(clock, hourMs);
    t.equal(await consumeState("late"), undefined);
    await startAttempt(link, "ahead");
    passTime(clock, -hourMs - 1);
    t.equal(await consumeState("ahead"), undefined, "begun when the clock was ahead");
    for (const state of ["early", "late", "ahead"]) t.match(await findByState(state), { token: link.token });
    t.equal(await findByState("never begun"), undefined);
  },

  "how an attempt ended stands at the link": async (t, { store }) => {
    const link = await store.consentLinks.issue(request);
    t.match(await store.consentLinks.latest(alice), { link: { id: link.id }, lastAttempt: null });
    const attempt = await returnedAttempt(store, link);
    await store.consentLinks.recordFailure(attempt, "wrong_account", "mallory@example.com");
    t.match(await store.consentLinks.latest(alice), {
      link: { state: "live" },
      lastAttempt: { outcome: "wrong_account", accountEmail: "mallory@example.com" },
    });
    t.equal(await store.consentLinks.latest(bob), undefined);
  },

  "a link that was revoked or changed while the business was away completes nothing": async (
    t,
    { store },
  ) => {
    const changes = [
      () => store.disconnect(alice),
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
    await startAttempt(other, "other");
    const link = await store.consentLinks.issue(request);
    await startAttempt(link, "returned");
    t.ok(await consumeState("returned"));
    for (let i = 0; i < 25; i++) await startAttempt(link, `state-${i}`);
    t.equal(await findByState("state-4"), undefined);
    t.ok(await findByState("state-5"));
    t.ok(await findByState("returned"), "what comes back is being finished");
    t.ok(await consumeState("state-24"));
    t.ok(await consumeState("other"));
  },

  "attempts are removed by their age, sooner where they never came back": async (t, { store, clock }) => {
    const { issue, startAttempt, consumeState, purgeAttempts, findByState } = store.consentLinks;
    const link = await issue(request);
    for (const state of ["a", "b", "returned"]) await startAttempt(link, state);
    t.ok(await consumeState("returned"));
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
