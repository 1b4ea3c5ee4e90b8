import {
  ana,
  type ContractTests,
  connect,
  eventsIn,
  findAccess,
  luna,
  newState,
  obtain,
  startState,
} from "./fixtures.ts";

const idsOf = (found: readonly { readonly id: string }[]) => found.map(({ id }) => id);

/** How integrations are found, counted and removed. */
export const listTests: ContractTests = {
  async "a list is narrowed by each filter, and read page by page"(t, opened) {
    const { integrations } = opened;
    const of: Record<string, string> = {};
    for (const [name, owner, provider] of [
      ["a", ana, "slack"],
      ["b", ana, "discord"],
      ["c", luna, "slack"],
      ["d", { ...luna, userId: "eva" }, "stripe"],
      ["e", { ...luna, organizationId: "mar" }, "slack"],
    ] as const)
      of[(await connect(opened, name, { ...owner, provider })).id] = name;
    const named = async (filter: Omit<Parameters<typeof integrations.list>[0], "limit">) =>
      idsOf(await integrations.list({ ...filter, limit: 10 }))
        .map((id) => of[id])
        .sort()
        .join("");
    t.equal(await named({}), "abcde");
    t.equal(await named({ userId: "ana" }), "abce");
    t.equal(await named({ organizationId: "luna" }), "cd");
    t.equal(await named({ owner: { organizationId: "luna" } }), "cd");
    t.equal(await named({ owner: { userId: "ana" } }), "ab", "what is a person's own");
    t.equal(await named({ owner: { userId: "ana" }, provider: "slack" }), "a");
    t.equal(await named({ provider: "slack" }), "ace");
    t.equal(await named({ userId: "ana", provider: "slack" }), "ace");
    t.equal(await named({ userId: "eva", organizationId: "luna", provider: "stripe" }), "d");
    t.equal(await named({ organizationId: "luna", provider: "discord" }), "");
    const [inactive = ""] = Object.keys(of).filter((id) => of[id] === "c");
    await integrations.disconnect(inactive, false);
    t.equal(await named({ isActive: true }), "abde");
    t.equal(await named({ isActive: false, userId: "ana" }), "c");

    const pages: string[] = [];
    for (let after: string | undefined; ; after = pages.at(-1)) {
      const page = await integrations.list({ limit: 2, after });
      if (page.length === 0) break;
      pages.push(...idsOf(page));
    }
    t.strictSame(pages, Object.keys(of).sort());
  },

  async "siblings are others' and other providers' accesses of the account by the same client"(t, opened) {
    const { integrations } = opened;
    const account = { id: "17", name: null, email: null };
    const { id } = await connect(opened, "ana", { account });
    const access = await findAccess(opened, id);
    const count = (...providers: string[]) => integrations.countSiblings(access, providers);
    t.equal(await count("slack", "discord"), 0);
    const sibling = await connect(opened, "ana", { ...luna, account });
    await connect(opened, "ana", { account, provider: "discord" });
    await connect(opened, "ana", { account, provider: "stripe", clientId: "another" });
    await connect(opened, "ana", { ...luna, account: { ...account, id: "18" } });
    t.equal(await count("slack"), 1);
    t.equal(await count("slack", "discord", "stripe"), 2);
    t.equal(await count(), 0);
    await integrations.disconnect(sibling.id, false);
    t.equal(await count("slack", "discord"), 1, "one without tokens is none");
  },

  async "removing an organization removes all of it, and nobody else's"(t, opened) {
    const { integrations, states, syncLogs } = opened;
    const own = await connect(opened, "ana", ana);
    const log = { action: "probe", resourceType: "account" };
    const removed = await connect(opened, "ana", luna);
    await connect(opened, "eva", { ...luna, userId: "eva" });
    for (const { id } of [own, removed]) await syncLogs.begin({ ...log, integrationId: id });
    const [open, ours] = [newState(luna), newState(ana)];
    const { id: stateId } = await states.start(open);
    await states.start(ours);
    t.equal(await integrations.removeOwner({ organizationId: "luna" }), 2);
    t.equal(await integrations.removeOwner({ organizationId: "luna" }), 0);
    t.strictSame(idsOf(await integrations.list({ limit: 10 })), [own.id]);
    t.strictSame(await syncLogs.list({ integrationId: removed.id, limit: 10 }), []);
    t.equal((await syncLogs.list({ integrationId: own.id, limit: 10 })).length, 1);
    t.equal(await states.find(open.state), undefined);
    t.ok(await states.find(ours.state));
    await t.rejects(integrations.connect(stateId, obtain("ana", luna)), { code: "oauth_state_over" });
  },

  async "removing a user removes what is their own, and what they have begun for an organization"(t, opened) {
    const { integrations } = opened;
    await connect(opened, "ana", ana);
    const ofLuna = await connect(opened, "ana", luna);
    const ofEva = await connect(opened, "ana", { ...ana, userId: "eva" });
    const begun = [await startState(opened, ana), await startState(opened, luna)] as const;
    t.equal(await integrations.removeOwner({ userId: "ana" }), 1);
    t.strictSame(idsOf(await integrations.list({ limit: 10 })), [ofLuna.id, ofEva.id].sort());
    for (const [state, owner] of [
      [begun[0], ana],
      [begun[1], luna],
    ] as const)
      await t.rejects(integrations.connect(state.id, obtain("late", owner)), { code: "oauth_state_over" });
  },

  async "integrations are counted by provider and state"(t, opened) {
    const { integrations } = opened;
    const failing = await connect(opened, "a");
    const lost = await connect(opened, "b");
    const inactive = await connect(opened, "c");
    await connect(opened, "d");
    await connect(opened, "e", { provider: "stripe" });
    const error = { obstacle: "unreachable" as const, reason: "500", message: "It doesn't answer." };
    for (const { id } of [failing, lost, inactive]) await integrations.recordError(id, error);
    await integrations.requireReconnect(await findAccess(opened, lost.id), error);
    await integrations.update(inactive.id, { isActive: false });
    const counts = (await integrations.countByState()).map(
      ({ provider, state, count }) => `${provider} ${state} ${count}`,
    );
    t.strictSame(counts.sort(), [
      "slack connected 1",
      "slack error 1",
      "slack inactive 1",
      "slack reconnect_required 1",
      "stripe connected 1",
    ]);
    t.equal((await eventsIn(opened)).length, 9);
  },
};
