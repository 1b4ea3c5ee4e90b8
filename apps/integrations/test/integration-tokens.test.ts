import { setTimeout as sleep } from "node:timers/promises";
import type { AccountTokens } from "@cita/providers/accounts";
import type { RenewalOutcome } from "@cita/token-store";
import { sql } from "kysely";
import t, { type Test } from "tap";
import { createTestDatabase, type EngineName, engines } from "../../../test/support/test-database.ts";
import type { IntegrationAccess } from "../src/integrations/integration.ts";
import { createIntegrationTokens } from "../src/integrations/integration-tokens.ts";
import {
  connect,
  eventsIn,
  hourMs,
  later,
  minuteMs,
  openStores,
  passTime,
  start,
  tokensOf,
} from "./fixtures.ts";

type Outcome = RenewalOutcome<AccountTokens>;

/** An integration whose access token has expired, where `tokens` doesn't say otherwise. */
async function connected(t: Test, tokens: Partial<AccountTokens> = {}, engine: EngineName = "sqlite") {
  const opened = await openStores(await createTestDatabase(t, engine));
  const { clock } = opened;
  const { id } = await connect(opened, "old", { tokens: tokensOf("old", { expiresAt: start, ...tokens }) });
  const sent: (string | null)[] = [];
  const createTokens = (
    answer: (access: IntegrationAccess) => Promise<Outcome> | Outcome,
    integrations = opened.integrations,
  ) =>
    createIntegrationTokens({
      integrations,
      explainLoss: (_access, reason) => `Connect it again: ${reason}.`,
      now: () => clock.now.getTime(),
      renewIntegration: async (access) => {
        sent.push(access.refreshToken);
        return answer(access);
      },
    });
  return { ...opened, id, sent, createTokens };
}

const renewed = (name: string): Outcome => ({
  kind: "ok",
  tokens: tokensOf(name, { expiresAt: later(2 * hourMs) }),
});

function onEachEngine(name: string, test: (t: Test, engine: EngineName) => Promise<void>): void {
  for (const engine of engines) void t.test(`${name} (${engine})`, (t) => test(t, engine));
}

onEachEngine("of several processes one renews, and all get its token", async (t, engine) => {
  const { id, sent, createTokens, integrations, openOther } = await connected(t, {}, engine);
  const other = await openOther();
  const answer = async () => {
    await sleep(200);
    return renewed("new");
  };
  const processes = [integrations, other.integrations, other.integrations].map((store) =>
    createTokens(answer, store),
  );
  const got = await Promise.all(
    processes.flatMap((tokens) => Array.from({ length: 30 }, () => tokens.get(id))),
  );
  t.strictSame(new Set(got), new Set(["access-of-new"]));
  t.strictSame(sent, ["refresh-of-old"]);
});

onEachEngine("a provider that takes each refresh token once is never sent one twice", async (t, engine) => {
  const { id, sent, createTokens, integrations, openOther } = await connected(t, {}, engine);
  const other = await openOther();
  let given = 0;
  const rotate = async ({ refreshToken }: IntegrationAccess): Promise<Outcome> => {
    await sleep(5);
    if (refreshToken !== (given === 0 ? "refresh-of-old" : `refresh-of-${given}`))
      return { kind: "reauth_required", reason: "invalid_grant" };
    given += 1;
    return renewed(`${given}`);
  };
  const processes = [integrations, other.integrations].map((store) => createTokens(rotate, store));
  await Promise.all(
    processes.flatMap((tokens) =>
      Array.from({ length: 10 }, async (_, i) => {
        await sleep(i * 10);
        // As a call whose access token was answered with 401, a renewal that is due, and one of a person.
        await tokens.get(id, i % 3 === 0 ? await tokens.get(id) : undefined);
        if (i % 3 === 1) await tokens.renew(id);
      }),
    ),
  );
  t.equal(sent.length, given);
  t.equal(new Set(sent).size, given);
  t.ok(given > 1);
  t.match(await integrations.find(id), { reconnectRequiredSince: null });
});

t.test("what can't be stored for a moment is stored after it", async (t) => {
  const { id, sent, createTokens, db, integrations } = await connected(t);
  await sql`create trigger disk_full before update of refresh_token on integrations
    begin select raise(abort, 'the disk is full'); end`.execute(db);
  const got = createTokens(() => renewed("new")).get(id);
  await sleep(150);
  t.match(await integrations.findAccess(id), { refreshToken: "refresh-of-old" });
  await sql`drop trigger disk_full`.execute(db);
  t.equal(await got, "access-of-new");
  t.match(await integrations.findAccess(id), { refreshToken: "refresh-of-new" });
  t.equal(sent.length, 1);
});

t.test("what was renewed is stored with its times, and what failed leaves it connected", async (t) => {
  const { id, createTokens, integrations } = await connected(t);
  for (const kind of ["transient", "misconfigured", "rate_limited"] as const)
    await t.rejects(createTokens(() => ({ kind, reason: "test" })).get(id), {
      code: kind === "transient" ? "refresh_failed" : `refresh_${kind}`,
    });
  t.equal(await createTokens(() => renewed("new")).get(id), "access-of-new");
  t.match(await integrations.find(id), { expiresAt: later(2 * hourMs), lastError: null });
});

t.test("a lost access is recorded once, in words, and not asked for again", async (t) => {
  const opened = await connected(t);
  const { id, sent, integrations } = opened;
  const tokens = opened.createTokens(() => ({ kind: "reauth_required", reason: "invalid_grant" }));
  const lost = { code: "reconnect_required", message: /account .* \(invalid_grant\)/ };
  for (let call = 0; call < 2; call++) await t.rejects(tokens.get(id), lost);
  t.equal(sent.length, 1);
  t.match(await integrations.find(id), { lastError: "Connect it again: invalid_grant." });
  t.match(await eventsIn(opened), [{}, { kind: "integration.error", data: { is_lost: true } }]);
});

t.test("one that was switched off or disconnected has no access token", async (t) => {
  const { id, createTokens, integrations } = await connected(t, { expiresAt: null });
  const tokens = createTokens(() => renewed("new"));
  t.equal(await tokens.get(id), "access-of-old");
  await integrations.update(id, { isActive: false });
  await t.rejects(tokens.get(id), { code: "not_connected" });
  await integrations.update(id, { isActive: true });
  t.equal(await tokens.get(id), "access-of-old");
  await integrations.disconnect(id, true);
  await t.rejects(tokens.renew(id), { code: "not_connected" });
  await t.rejects(tokens.get("none"), { code: "not_connected" });
});

t.test("a token that doesn't expire is used until the provider rejects it", async (t) => {
  const { id, sent, createTokens, integrations } = await connected(t, { expiresAt: null });
  const tokens = createTokens(() => ({ kind: "not_renewable" }));
  t.equal(await tokens.get(id), "access-of-old");
  t.equal(sent.length, 0);
  await tokens.renew(id);
  t.equal(sent.length, 1);
  t.equal(await tokens.get(id), "access-of-old", "a renewal that there isn't loses nothing");
  t.equal(await tokens.get(id, "another"), "access-of-old");
  await t.rejects(tokens.get(id, "access-of-old"), { code: "reconnect_required" });
  t.match(await integrations.find(id), { reconnectReason: "access_rejected" });
});

t.test("an access without renewal is used while it is valid, and lost afterwards", async (t) => {
  const { id, createTokens, integrations, clock } = await connected(t, { expiresAt: later(3 * minuteMs) });
  const tokens = createTokens(() => ({ kind: "not_renewable" }));
  t.equal(await tokens.get(id), "access-of-old");
  await tokens.finishRenewals();
  t.equal(await tokens.get(id), "access-of-old");
  await tokens.finishRenewals();
  t.match(await integrations.find(id), { reconnectRequiredSince: null });
  passTime(clock, 3 * minuteMs);
  await t.rejects(tokens.get(id), { code: "reconnect_required" });
  t.match(await integrations.find(id), {
    ...{ reconnectReason: "access_expired", reconnectRequiredSince: clock.now },
  });
});

t.test("a renewal that there isn't gives the right to renew back", async (t) => {
  const { id, createTokens } = await connected(t, { expiresAt: null });
  await createTokens(() => ({ kind: "not_renewable" })).renew(id);
  const other = createTokens(() => renewed("new"));
  await other.renew(id);
  t.equal(await other.get(id), "access-of-new");
});

t.test("a loss that is to be confirmed counts when it is said again minutes later", async (t) => {
  const { id, createTokens, integrations, clock } = await connected(t);
  const tokens = createTokens(() => ({ kind: "confirm_later", reason: "invalid_grant" }));
  const failed = { code: "refresh_failed", message: /invalid_grant/ };
  await t.rejects(tokens.get(id), failed);
  passTime(clock, 4 * minuteMs);
  await t.rejects(tokens.get(id), failed);
  t.match(await integrations.find(id), { reconnectRequiredSince: null });
  passTime(clock, minuteMs);
  await t.rejects(tokens.get(id), { code: "reconnect_required" });
  t.match(await integrations.find(id), { reconnectReason: "invalid_grant" });
});

t.test("a suspicion ends with a success", async (t) => {
  const { id, createTokens, clock } = await connected(t);
  const doubting = createTokens(() => ({ kind: "confirm_later", reason: "invalid_grant" }));
  await t.rejects(doubting.get(id), { code: "refresh_failed" });
  t.equal(await createTokens(() => renewed("new")).get(id), "access-of-new");
  passTime(clock, 10 * minuteMs);
  await t.rejects(doubting.get(id, "access-of-new"), { code: "refresh_failed" });
});

t.test("a verdict on tokens that were replaced meanwhile doesn't count", async (t) => {
  const opened = await connected(t);
  const { id, createTokens } = opened;
  for (const outcome of [
    { kind: "reauth_required", reason: "invalid_grant" },
    { kind: "not_renewable" },
  ] as const) {
    const theirs = `theirs-${outcome.kind}`;
    const tokens = createTokens(async () => {
      await connect(opened, "old", { tokens: tokensOf(theirs) });
      return outcome;
    });
    const rejected = (await opened.integrations.findAccess(id))?.accessToken;
    t.equal(await tokens.get(id, rejected), `access-of-${theirs}`);
  }
});
