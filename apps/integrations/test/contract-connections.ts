import { sql } from "kysely";
import {
  ana,
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
  start,
  startState,
  tokensOf,
} from "./fixtures.ts";

/** What every database has to keep of integrations, from their consent to their end. */
export const connectionTests: ContractTests = {
  async "what a consent has obtained is found whole, with its event"(t, opened) {
    const { integrations } = opened;
    const connected = await connect(opened, "ana", luna);
    t.match(connected, {
      ...luna,
      ...{ provider: "slack", accountId: "account-of-ana", name: "@ana", email: "ana@example.com" },
      ...{ isActive: true, tokenType: "Bearer", expiresAt: later(hourMs), accessEndsAt: null },
      ...{ scopes: ["chat:write", "users:read"], metadata: { source: "settings" } },
      ...{ lastSyncAt: null, lastError: null, reconnectRequiredSince: null, createdAt: start },
    });
    t.strictSame(await integrations.find(connected.id), connected);
    t.match(await integrations.findAccess(connected.id), {
      ...connected,
      ...tokensOf("ana"),
      ...{ inputs: { shop: "ana.example.com" }, clientId: "our-client" },
    });
    t.equal(await integrations.find("another"), undefined);
    t.equal(await integrations.findAccess("another"), undefined);
    const data = { integration_id: connected.id, user_id: "ana", provider: "slack", account_is_new: true };
    t.match(await eventsIn(opened), [{ kind: "integration.connected", customerId: "luna", data }]);
    await integrations.check();
  },

  async "an account without a name has its address, or its id"(t, opened) {
    const account = { id: "17", name: null, email: "ana@example.com" };
    t.match(await connect(opened, "ana", { account }), { name: "ana@example.com" });
    const again = { ...account, email: null };
    t.match(await connect(opened, "ana", { account: again }), { name: "ana@example.com" }, "as it was");
    t.match(await connect(opened, "ana", { account: { ...again, id: "18" } }), { name: "18" });
  },

  async "the same account keeps its id: it is active again, with new tokens and without a loss"(t, opened) {
    const { integrations, clock } = opened;
    const first = await connect(opened, "ana");
    const read = await findAccess(opened, first.id);
    await integrations.update(first.id, { isActive: false, metadata: { noted: 1 } });
    await integrations.requireReconnect(read, { reason: "revoked", message: "It was revoked." });
    passTime(clock, hourMs);
    const tokens = tokensOf("new", { issuedAt: clock.now });
    const again = await connect(opened, "ana", { tokens, metadata: { source: "again" } });
    t.match(again, {
      ...{ id: first.id, isActive: true, lastError: null, createdAt: start, updatedAt: clock.now },
      ...{ reconnectRequiredSince: null, reconnectReason: null },
    });
    t.strictSame(again.metadata, { noted: 1, source: "again" });
    t.match(await integrations.findAccess(first.id), tokens);
    t.equal(await integrations.saveRenewed(read, tokensOf("stale")), false);
    const kinds = (await eventsIn(opened)).map(({ kind, data }) => [kind, data.account_is_new]);
    t.strictSame(kinds, [
      ["integration.connected", true],
      ["integration.error", undefined],
      ["integration.connected", false],
    ]);
  },

  async "an account is connected apart by each owner, and each account of an owner"(t, opened) {
    const { integrations } = opened;
    const account = { id: "17", name: "one", email: null };
    const ids = new Set<string>();
    for (const owner of [ana, luna, { ...luna, organizationId: "mar" }, { ...ana, userId: "eva" }])
      ids.add((await connect(opened, "ana", { ...owner, account })).id);
    ids.add((await connect(opened, "ana", { account: { ...account, id: "18" } })).id);
    ids.add((await connect(opened, "ana", { account, provider: "discord" })).id);
    t.equal(ids.size, 6);
    const byOther = await connect(opened, "ana", { ...luna, userId: "eva", account });
    t.ok(ids.has(byOther.id), "an organization's account is the same, whoever of it connects it");
    t.equal(byOther.userId, "eva");
    t.strictSame(await integrations.idsOf({ organizationId: "luna" }), [byOther.id]);
    t.equal((await integrations.idsOf({ userId: "ana" })).length, 3, "those of no organization");
  },

  async "a state connects once: not what has ended, or is another owner's"(t, opened) {
    const { integrations, states, clock } = opened;
    const over = { code: "oauth_state_over" };
    const used = await startState(opened, ana);
    await integrations.connect(used.id, obtain("ana"));
    await t.rejects(integrations.connect(used.id, obtain("eva")), over);
    const fresh = newState();
    const given = await states.start(fresh);
    t.equal(await states.consume(given.id), true);
    t.equal(await states.consume(given.id), false, "one caller goes on");
    passTime(clock, hourMs);
    const { id } = await integrations.connect(given.id, obtain("ana"));
    t.equal((await states.find(fresh.state))?.integrationId, id, "whoever has consumed it may take its time");
    await t.rejects(integrations.connect(given.id, obtain("eva")), over);
    const open = await startState(opened, ana);
    await t.rejects(integrations.connect(open.id, obtain("eva", luna)), over);
    await t.rejects(integrations.connect("none", obtain("eva")), over);
    passTime(clock, hourMs);
    await t.rejects(integrations.connect(open.id, obtain("eva")), over);
    t.equal((await integrations.list({ limit: 10 })).length, 1);
    t.equal((await eventsIn(opened)).length, 2);
  },

  async "what a provider's answer can't be stored of leaves the state open, and no event"(t, opened) {
    const { integrations, states } = opened;
    const given = newState();
    const { id } = await states.start(given);
    const wrong = obtain("ana", { tokens: tokensOf("ana", { expiresAt: new Date(Number.NaN) }) });
    await t.rejects(integrations.connect(id, wrong));
    t.strictSame(await eventsIn(opened), []);
    t.match(await states.find(given.state), { consumedAt: null });
    await integrations.connect(id, obtain("ana"));
    t.equal((await eventsIn(opened)).length, 1);
  },

  async "no secret stands in the clear, and both tokens are Fernet tokens"(t, opened) {
    const given = newState();
    const { id } = await opened.states.start(given);
    await opened.integrations.connect(id, obtain("ana"));
    const { rows } = await sql<Record<string, string>>`select * from integrations`.execute(opened.db);
    t.match(rows, [{ access_token: /^gAAAA/, refresh_token: /^gAAAA/ }]);
    const states = await sql`select * from oauth_states`.execute(opened.db);
    const stored = JSON.stringify([rows, states.rows]);
    for (const secret of ["access-of-", "refresh-of-", given.state]) t.notOk(stored.includes(secret), secret);
  },

  async "tokens that were copied to another row can't be opened, and those of a lost key say so"(t, opened) {
    const { integrations, db } = opened;
    const one = await connect(opened, "ana", luna);
    const sibling = await connect(opened, "eva", luna);
    const other = await connect(opened, "ana", { ...luna, organizationId: "mar" });
    for (const { id } of [sibling, other]) {
      await sql`update integrations set access_token =
        (select access_token from integrations where id = ${one.id}) where id = ${id}`.execute(db);
      await t.rejects(integrations.findAccess(id), { code: "misplaced" });
    }
    await sql`update integrations set owner = 'customer:sol' where id = ${one.id}`.execute(db);
    await t.rejects(integrations.findAccess(one.id), { code: "misplaced" });
    const lost = { key_fingerprint: "0123456789abcdef", access_token: "gAAAA" };
    await sql`update integrations set key_fingerprint = ${lost.key_fingerprint},
      access_token = ${lost.access_token} where id = ${sibling.id}`.execute(db);
    await t.rejects(integrations.findAccess(sibling.id), { code: "key_missing" });
    t.match(await integrations.find(sibling.id), { isActive: true }, "it can be shown all the same");
  },

  async "a change changes what is given, and no renewal under way"(t, opened) {
    const { integrations, clock } = opened;
    const { id, updatedAt } = await connect(opened, "ana");
    const read = await findAccess(opened, id);
    passTime(clock, hourMs);
    t.match(await integrations.update(id, { name: "Shop" }), { name: "Shop", isActive: true });
    const changed = await integrations.update(id, { isActive: false, metadata: { a: [1] } });
    t.match(changed, { name: "Shop", isActive: false, metadata: { a: [1] }, updatedAt: clock.now });
    t.not(changed?.updatedAt.getTime(), updatedAt.getTime());
    t.equal(await integrations.saveRenewed(read, tokensOf("new")), true);
    t.match(await integrations.update(id, { isActive: true }), { isActive: true });
    t.match(await integrations.findAccess(id), { accessToken: "access-of-new" });
    t.equal(await integrations.update("none", { name: "x" }), undefined);
  },

  async "disconnecting erases the tokens, once, and leaves the rest readable"(t, opened) {
    const { integrations, syncLogs } = opened;
    const { id } = await connect(opened, "ana", luna);
    const read = await findAccess(opened, id);
    const log = await syncLogs.begin({ integrationId: id, action: "probe", resourceType: "account" });
    t.match(await integrations.disconnect(id, true), { id, isActive: false, expiresAt: null, name: "@ana" });
    t.match(await integrations.disconnect(id, false), { id, isActive: false });
    t.equal(await integrations.disconnect("none", false), undefined);
    t.equal(await integrations.findAccess(id), undefined);
    t.equal(await integrations.saveRenewed(read, tokensOf("late")), false, "what was renewed meanwhile");
    t.match(await integrations.update(id, { isActive: true }), { isActive: false }, "without tokens");
    const { rows } = await sql`select access_token, refresh_token, key_fingerprint, facts
      from integrations`.execute(opened.db);
    t.strictSame(rows, [{ access_token: null, refresh_token: null, key_fingerprint: null, facts: "{}" }]);
    t.match(await syncLogs.list({ integrationId: id, limit: 10 }), [{ id: log }]);
    const ended = { integration_id: id, user_id: "ana", provider: "slack", revoked: true };
    t.match(await eventsIn(opened), [{}, { kind: "integration.disconnected", data: ended }]);
    t.match(await connect(opened, "ana", luna), { id, isActive: true }, "and it can be connected again");
  },
};
