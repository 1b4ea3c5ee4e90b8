import {
  type ContractTests,
  connect,
  eventsIn,
  findAccess,
  hourMs,
  later,
  luna,
  minuteMs,
  passTime,
  tokensOf,
} from "./fixtures.ts";

const error = {
  obstacle: "refused" as const,
  reason: "invalid_grant",
  message: "The access was taken back.",
};
const until = later(8_000);

/** How accesses are kept alive, and how it is recorded that they aren't. */
export const renewalTests: ContractTests = {
  async "renewed tokens are saved once, and clear what was wrong"(t, opened) {
    const { integrations, clock } = opened;
    const { id } = await connect(opened, "ana");
    await integrations.recordError(id, error);
    const read = await findAccess(opened, id);
    passTime(clock, hourMs);
    const tokens = tokensOf("new", {
      issuedAt: clock.now,
      expiresAt: later(2 * hourMs),
      facts: { team: "1" },
    });
    t.equal(await integrations.saveRenewed(read, tokens), true);
    t.equal(await integrations.saveRenewed(read, tokensOf("second")), false);
    t.equal(await integrations.requireReconnect(read, error), false, "a verdict on tokens of the past");
    t.match(await integrations.findAccess(id), { ...tokens, lastSyncAt: clock.now, lastError: null });
    t.equal((await eventsIn(opened)).length, 2, "a renewal is no event");
  },

  async "an answer without a refresh token or an end leaves those that are known"(t, opened) {
    const { integrations } = opened;
    const accessEndsAt = later(60 * 24 * hourMs);
    const { id } = await connect(opened, "ana", { tokens: tokensOf("ana", { accessEndsAt }) });
    const read = await findAccess(opened, id);
    await integrations.saveRenewed(read, tokensOf("new", { refreshToken: null, expiresAt: null }));
    t.match(await integrations.findAccess(id), {
      ...{ accessToken: "access-of-new", refreshToken: "refresh-of-ana", expiresAt: null, accessEndsAt },
    });
  },

  async "a lease is one owner's until it ends, is given back, or tokens are saved"(t, opened) {
    const { integrations, clock } = opened;
    const { id } = await connect(opened, "ana");
    const read = await findAccess(opened, id);
    const acquire = (owner: string) => integrations.acquireRefreshLease(read, owner, until);
    t.equal(await acquire("one"), true);
    t.equal(await acquire("two"), false);
    await integrations.releaseRefreshLease(read, "two");
    t.equal(await acquire("two"), false, "nobody gives back another's");
    await integrations.releaseRefreshLease(read, "one");
    t.equal(await acquire("two"), true);
    passTime(clock, 8_000);
    t.equal(await integrations.acquireRefreshLease(read, "three", later(16_000)), true);
    await integrations.saveRenewed(read, tokensOf("new"));
    t.equal(await acquire("four"), false, "what was read is of the past");
    const again = await findAccess(opened, id);
    t.equal(await integrations.acquireRefreshLease(again, "four", later(16_000)), true);
  },

  async "a loss is recorded once, with its event, and only of what was read"(t, opened) {
    const { integrations, clock } = opened;
    const { id } = await connect(opened, "ana", luna);
    const read = await findAccess(opened, id);
    t.equal(await integrations.requireReconnect(read, error), true);
    t.equal(await integrations.requireReconnect(read, error), false);
    const lost = { reconnectReason: "invalid_grant", lastError: error.message, isActive: true };
    t.match(await integrations.find(id), { ...lost, reconnectRequiredSince: clock.now });
    await integrations.recordSuccess(id, { probeDue: later(hourMs) });
    await integrations.recordError(id, { ...error, message: "Another." });
    t.match(await integrations.find(id), lost, "only a new consent helps");
    const data = { integration_id: id, provider: "slack", reason: "invalid_grant", is_lost: true };
    t.match(await eventsIn(opened), [{}, { kind: "integration.error", customerId: "luna", data }]);
    t.equal((await eventsIn(opened)).length, 2);
  },

  async "a loss is suspected since the first time, until a success"(t, opened) {
    const { integrations, clock } = opened;
    const { id } = await connect(opened, "ana");
    const read = await findAccess(opened, id);
    const since = clock.now;
    t.strictSame(await integrations.suspectLoss(read), since);
    passTime(clock, minuteMs);
    t.strictSame(await integrations.suspectLoss(read), since);
    await integrations.recordSuccess(id, { probeDue: later(hourMs) });
    t.strictSame(await integrations.suspectLoss(read), clock.now);
    await integrations.saveRenewed(read, tokensOf("new"));
    passTime(clock, minuteMs);
    t.strictSame(await integrations.suspectLoss(await findAccess(opened, id)), clock.now);
    passTime(clock, minuteMs);
    t.strictSame(await integrations.suspectLoss(read), clock.now, "nothing is remembered of the past");
  },

  async "an error is an event where its sentence is new, and a success clears it"(t, opened) {
    const { integrations, clock } = opened;
    const { id, updatedAt } = await connect(opened, "ana");
    passTime(clock, minuteMs);
    for (let i = 0; i < 3; i++) await integrations.recordError(id, error);
    t.match(await integrations.find(id), { lastError: error.message, reconnectRequiredSince: null });
    await integrations.recordError(id, { ...error, reason: "500", message: "It doesn't answer." });
    await integrations.recordSuccess(id, { probeDue: later(hourMs) });
    t.match(await integrations.find(id), { lastError: null, lastSyncAt: clock.now, updatedAt });
    await integrations.recordError(id, error);
    await integrations.update(id, { isActive: false });
    await integrations.recordError(id, { ...error, message: "Of what is switched off." });
    await integrations.recordError("none", error);
    const failures = (await eventsIn(opened)).filter(({ kind }) => kind === "integration.error");
    t.match(failures, [
      { data: { reason: "invalid_grant", is_lost: false } },
      { data: { reason: "500" } },
      { data: { reason: "invalid_grant" } },
    ]);
    t.equal(failures.length, 3);
  },

  async "what is due is taken in its order, and is due again later"(t, opened) {
    const { integrations, clock } = opened;
    const renewAt = (minutes: number) => ({ tokens: tokensOf("x", { renewAt: later(minutes * minuteMs) }) });
    const second = await connect(opened, "b", renewAt(20));
    const first = await connect(opened, "a", renewAt(10));
    await connect(opened, "c", renewAt(40));
    await connect(opened, "d", { tokens: tokensOf("x", { renewAt: null }) });
    await connect(opened, "e", { ...renewAt(10), provider: "stripe" });
    const lost = await connect(opened, "f", renewAt(10));
    await integrations.requireReconnect(await findAccess(opened, lost.id), error);
    const inactive = await connect(opened, "g", renewAt(10));
    await integrations.update(inactive.id, { isActive: false });
    const take = () => integrations.takeDue("renewal", "slack", 1, later(90 * minuteMs));
    t.strictSame(await take(), []);
    passTime(clock, 30 * minuteMs);
    t.strictSame([await take(), await take(), await take()], [[first.id], [second.id], []]);
    passTime(clock, 60 * minuteMs);
    const again = await integrations.takeDue("renewal", "slack", 10, later(999 * minuteMs));
    t.equal(again.length, 3);
  },

  async "a probe is due after the consent, and then as was said"(t, opened) {
    const { integrations, clock } = opened;
    const { id } = await connect(opened, "ana");
    const take = () => integrations.takeDue("probe", "slack", 10, later(hourMs));
    t.strictSame(await take(), [id]);
    t.strictSame(await take(), []);
    await integrations.recordSuccess(id, { probeDue: later(minuteMs) });
    passTime(clock, minuteMs);
    t.strictSame(await take(), [id]);
  },
};
