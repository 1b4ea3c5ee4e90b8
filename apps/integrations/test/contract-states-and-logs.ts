import {
  type ContractTests,
  connect,
  eventsIn,
  hourMs,
  later,
  luna,
  minuteMs,
  newState,
  passTime,
} from "./fixtures.ts";

const entry = { action: "publish", resourceType: "post" };

/** What every database has to keep of consents under way, and of what was done. */
export const stateAndLogTests: ContractTests = {
  async "a state is found by its parameter alone, and takes what the person was asked"(t, opened) {
    const { states, clock } = opened;
    const given = newState(luna);
    const started = await states.start(given);
    const { state: _state, ...kept } = given;
    t.strictSame(started, { ...kept, id: started.id, consumedAt: null, integrationId: null });
    t.strictSame(await states.find(given.state), started);
    t.equal(await states.find(started.id), undefined);
    const added = await states.addInputs(started.id, { region: "eu", shop: "sol" });
    t.strictSame(added?.inputs, { shop: "sol", region: "eu" });
    t.strictSame(await states.find(given.state), added);
    t.equal(await states.consume(started.id), true);
    t.equal(await states.consume(started.id), false);
    t.equal(await states.addInputs(started.id, { region: "us" }), undefined);
    t.match(await states.find(given.state), { consumedAt: clock.now, inputs: { region: "eu" } });
    await states.end(started.id);
    t.match(await states.find(given.state), { expiresAt: clock.now, integrationId: null });
  },

  async "a state that has ended is over, and is purged later"(t, opened) {
    const { states, clock } = opened;
    const given = [newState(), newState(), newState({ expiresAt: later(hourMs) })] as const;
    const started = [];
    for (const state of given) started.push(await states.start(state));
    passTime(clock, 10 * minuteMs);
    t.equal(await states.consume(started[0]?.id ?? ""), false, "to the millisecond");
    t.equal(await states.addInputs(started[0]?.id ?? "", {}), undefined);
    t.ok(await states.find(given[0].state));
    t.equal(await states.purge(clock.now, 10), 0);
    t.equal(await states.purge(later(11 * minuteMs), 1), 1);
    t.equal(await states.purge(later(11 * minuteMs), 10), 1);
    t.ok(await states.find(given[2].state));
  },

  async "what is done is logged from its beginning, and its completion is an event"(t, opened) {
    const { syncLogs, clock } = opened;
    const { id: integrationId } = await connect(opened, "ana", luna);
    const id = await syncLogs.begin({ ...entry, integrationId, resourceId: "7", metadata: { a: 1 } });
    const list = () => syncLogs.list({ integrationId, limit: 10 });
    const begun = { id, integrationId, ...entry, resourceId: "7", metadata: { a: 1 }, error: null };
    const startedAt = clock.now;
    t.strictSame(await list(), [
      ...[
        { ...begun, startedAt, status: "IN_PROGRESS", itemsProcessed: 0, itemsFailed: 0, completedAt: null },
      ],
    ]);
    passTime(clock, minuteMs);
    await syncLogs.finish(id, { status: "COMPLETED", itemsProcessed: 3, itemsFailed: 1 });
    await syncLogs.finish(id, { status: "FAILED", error: "It was done already." });
    t.match(await list(), [
      { status: "COMPLETED", itemsProcessed: 3, itemsFailed: 1, error: null, completedAt: clock.now },
    ]);
    const failed = await syncLogs.begin({ ...entry, integrationId });
    await syncLogs.finish(failed, { status: "FAILED", error: "No." });
    passTime(clock, minuteMs);
    const probe = await syncLogs.begin({ action: "probe", resourceType: "account", integrationId });
    await syncLogs.finish(probe, { status: "COMPLETED" });
    t.match(await syncLogs.list({ integrationId, limit: 1 }), [{ status: "COMPLETED", metadata: {} }]);
    await syncLogs.finish("none", { status: "COMPLETED" });
    const renewal = await syncLogs.begin({
      action: "renew_token",
      resourceType: "access_token",
      integrationId,
    });
    await syncLogs.finish(renewal, { status: "COMPLETED" });
    const data = { integration_id: integrationId, user_id: "ana", provider: "slack", action: "publish" };
    const [, synced, renewed, ...others] = await eventsIn(opened);
    t.match(renewed, { kind: "integration.renewed", customerId: "luna" });
    t.match(synced, { kind: "integration.synced", customerId: "luna", data });
    t.strictSame(others, [], "but for failures and probes");
  },

  async "logs are read newest first, page by page, each integration's apart"(t, opened) {
    const { syncLogs, clock } = opened;
    const { id: integrationId } = await connect(opened, "ana");
    const { id: other } = await connect(opened, "eva");
    const times = new Map<string, number>();
    for (let i = 0; i < 7; i++) {
      await syncLogs.begin({ ...entry, integrationId: other });
      times.set(await syncLogs.begin({ ...entry, integrationId }), clock.now.getTime());
      // Some begin within one millisecond.
      if (i % 3 === 0) passTime(clock, 1);
    }
    const read: string[] = [];
    for (;;) {
      const page = await syncLogs.list({ integrationId, before: read.at(-1), limit: 2 });
      if (page.length === 0) break;
      read.push(...page.map(({ id }) => id));
    }
    t.strictSame([...read].sort(), [...times.keys()].sort());
    const startTimes = read.map((id) => times.get(id) ?? 0);
    t.strictSame(
      startTimes,
      startTimes.toSorted((a, b) => b - a),
    );
    t.strictSame(await syncLogs.list({ integrationId, before: "purged", limit: 2 }), []);
  },

  async "what nobody finishes is cancelled, and what is old is purged"(t, opened) {
    const { syncLogs, clock } = opened;
    const { id: integrationId } = await connect(opened, "ana");
    const begin = () => syncLogs.begin({ ...entry, integrationId });
    const [old, done] = [await begin(), await begin()];
    await syncLogs.finish(done, { status: "COMPLETED" });
    passTime(clock, hourMs);
    const recent = await begin();
    t.equal(await syncLogs.cancelOlderThan(later(minuteMs)), 1);
    t.equal(await syncLogs.cancelOlderThan(later(minuteMs)), 0);
    const statuses = new Map(
      (await syncLogs.list({ integrationId, limit: 10 })).map(({ id, status }) => [id, status]),
    );
    t.strictSame([old, done, recent].map((id) => statuses.get(id)).join(), "CANCELLED,COMPLETED,IN_PROGRESS");
    await syncLogs.finish(old, { status: "COMPLETED" });
    t.equal((await eventsIn(opened)).filter(({ kind }) => kind === "integration.synced").length, 2);
    t.equal(await syncLogs.purge(later(minuteMs), 1), 1);
    t.equal(await syncLogs.purge(later(minuteMs), 10), 1);
    t.match(await syncLogs.list({ integrationId, limit: 10 }), [{ id: recent }]);
  },
};
