import {
  atOnce,
  type ContractTests,
  connect,
  eventsIn,
  findAccess,
  hourMs,
  later,
  luna,
  newState,
  obtain,
  passTime,
  startState,
  tokensOf,
} from "./fixtures.ts";

const count = (results: readonly unknown[]) => results.filter(Boolean).length;

/** @returns false where the state was over */
const isConnected = (connecting: Promise<unknown>) =>
  connecting.then(
    () => true,
    (error: { code?: string }) => {
      if (error.code !== "oauth_state_over") throw error;
      return false;
    },
  );

/** What has to hold where many do the same at once, in several processes. */
export const concurrencyTests: ContractTests = {
  async "of twenty who come back with one state at once one is connected"(t, opened) {
    const { id } = await startState(opened, luna);
    const connected = await atOnce(opened, ({ integrations }, i) =>
      isConnected(integrations.connect(id, obtain(`account-${i}`, luna))),
    );
    t.equal(count(connected), 1);
    const [found, ...others] = await opened.integrations.list({ limit: 10 });
    t.equal(found?.name, `@account-${connected.indexOf(true)}`);
    t.strictSame(others, []);
    t.equal((await eventsIn(opened)).length, 1);
  },

  async "of twenty who consume a state at once one does"(t, opened) {
    const { id } = await startState(opened, luna);
    t.equal(count(await atOnce(opened, ({ states }) => states.consume(id))), 1);
  },

  async "an account that is connected twenty times at once is one"(t, opened) {
    await atOnce(opened, (stores, i) =>
      connect({ ...stores, clock: opened.clock }, "ana", { ...luna, tokens: tokensOf(`${i}`) }),
    );
    t.equal((await opened.integrations.list({ limit: 10 })).length, 1);
    const isNew = (await eventsIn(opened)).map(({ data }) => data.account_is_new);
    t.equal(count(isNew), 1);
    t.equal(isNew.length, 20);
  },

  async "nothing is connected to an organization that is removed at once"(t, opened) {
    const states = await Promise.all(Array.from({ length: 20 }, () => startState(opened, luna)));
    const connected = await atOnce(opened, async ({ integrations }, i) => {
      if (i === 7) return void (await integrations.removeOwner({ organizationId: "luna" }));
      return isConnected(integrations.connect(states[i]?.id ?? "", obtain(`account-${i}`, luna)));
    });
    t.strictSame(await opened.integrations.idsOf({ organizationId: "luna" }), []);
    t.equal((await eventsIn(opened)).length, count(connected));
  },

  async "what is asked in two tabs at once is kept of both"(t, opened) {
    const given = newState({ inputs: {} });
    const { id } = await opened.states.start(given);
    await atOnce(opened, ({ states }, i) => states.addInputs(id, { [`input_${i}`]: "x" }));
    t.equal(Object.keys((await opened.states.find(given.state))?.inputs ?? {}).length, 20);
  },

  async "of twenty who want the lease at once one gets it, and of twenty who save one is stored"(t, opened) {
    const { id } = await connect(opened, "ana");
    const read = await findAccess(opened, id);
    const leases = await atOnce(opened, ({ integrations }, i) =>
      integrations.acquireRefreshLease(read, `owner-${i}`, later(8_000)),
    );
    t.equal(count(leases), 1);
    const saved = await atOnce(opened, ({ integrations }, i) =>
      integrations.saveRenewed(read, tokensOf(`${i}`)),
    );
    t.equal(count(saved), 1);
    t.equal((await findAccess(opened, id)).accessToken, `access-of-${saved.indexOf(true)}`);
  },

  async "twenty who notice a loss, or an error, at once record it once"(t, opened) {
    const [lost, failing] = [await connect(opened, "ana"), await connect(opened, "eva")];
    const read = await findAccess(opened, lost.id);
    const loss = { obstacle: "refused" as const, reason: "invalid_grant", message: "It was taken back." };
    const recorded = await atOnce(opened, async ({ integrations }) => {
      await integrations.recordError(failing.id, loss);
      return integrations.requireReconnect(read, loss);
    });
    t.equal(count(recorded), 1);
    const errors = (await eventsIn(opened)).filter(({ kind }) => kind === "integration.error");
    t.strictSame(errors.map(({ data }) => data.integration_id).sort(), [lost.id, failing.id].sort());
  },

  async "what is due is taken once, by twenty who take some at once"(t, opened) {
    const ids: string[] = [];
    for (let i = 0; i < 30; i++) ids.push((await connect(opened, `account-${i}`)).id);
    passTime(opened.clock, hourMs);
    for (const what of ["renewal", "probe"] as const) {
      const again = later(9 * hourMs);
      const taken = await atOnce(opened, ({ integrations }) => integrations.takeDue(what, "slack", 2, again));
      t.ok(taken.every((some) => some.length <= 2));
      const left = await opened.integrations.takeDue(what, "slack", 30, again);
      t.strictSame([...taken.flat(), ...left].sort(), ids.toSorted(), what);
    }
  },

  async "twenty purges at once remove what is due once"(t, opened) {
    const { id: integrationId } = await connect(opened, "ana");
    for (let i = 0; i < 15; i++) {
      await opened.states.start(newState());
      await opened.syncLogs.begin({ integrationId, action: "probe", resourceType: "account" });
    }
    const before = later(hourMs);
    const removed = await atOnce(opened, async ({ states, syncLogs }) => [
      await states.purge(before, 4),
      await syncLogs.purge(before, 4),
    ]);
    const left = [await opened.states.purge(before, 20), await opened.syncLogs.purge(before, 20)];
    const sum = (column: number) =>
      [...removed, left].reduce((total, counts) => total + (counts[column] ?? 0), 0);
    t.strictSame([sum(0), sum(1)], [16, 15], "with the state of the consent");
  },
};
