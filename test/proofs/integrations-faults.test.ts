import { errorStatuses } from "@cita/integrations-api";
import { accountProviders } from "@cita/providers/accounts";
import { accountRefusals, type Fault, type RefusalKind } from "@cita/sandbox";
import t, { type Test } from "tap";
import { connectAccount } from "../support/account-consent.ts";
import {
  connect,
  connectEverywhere,
  dayMs,
  type FaultedAccount,
  meetFault,
  sentence,
  tokensOf,
} from "../support/faulted-accounts.ts";
import { freePort } from "../support/free-port.ts";
import {
  createIntegrationsWorld,
  type IntegrationsWorld,
  redirectUri,
} from "../support/integrations-world.ts";
import { passingFaults, providerTimeoutMs } from "../support/passing-faults.ts";

/**
 * Every provider, every request that is made to it, every fault: judged by what must hold, whatever the provider is. The
 * probes are in `integrations-probe-faults.test.ts`.
 */
const options = {
  overrides: { providerTimeoutMs },
  variables: { CONSENTS_PER_MINUTE: "1000000" },
  begin: Date.now(),
};

const read = async (world: IntegrationsWorld, id: string) =>
  (await world.api("GET", `/integrations/${id}`)).body.data;
const refresh = (world: IntegrationsWorld, id: string) => world.api("POST", `/integrations/${id}/refresh`);
const alive = { isActive: true, reconnectRequiredSince: null };

type Answered = Awaited<ReturnType<IntegrationsWorld["api"]>>;

/** One of the documented codes, with its status, and a sentence. */
function expectDocumented(t: Test, { status, body }: Answered, codes: RegExp, what: string): void {
  const { code, message } = body.error ?? {};
  t.match(code, codes, what);
  t.equal(status, errorStatuses[code as keyof typeof errorStatuses], what);
  t.match(message, sentence, what);
}

/** How a consent has ended that the fault has met: as the caller's browser shows it, or as our own page. */
async function expectNotConnected(t: Test, world: IntegrationsWorld, account: FaultedAccount, what: string) {
  const { provider } = account;
  const { ended, result } = await connectAccount(world, provider, { userId: "nobody" });
  if (provider.grant.kind === "api_key") {
    t.match(ended, { status: /^(?:400|502)$/, location: null, text: /role="alert"/ }, what);
    return undefined;
  }
  if (provider.grant.kind === "key_delivery") {
    t.ok(ended.location?.startsWith(world.sandboxUrl), `the store keeps the browser: ${what}`);
    return undefined;
  }
  t.equal(ended.status, 303, what);
  t.ok(ended.location?.startsWith(redirectUri), what);
  t.match(Object.fromEntries(result), { success: "false", message: sentence }, what);
  return result.get("error");
}

/**
 * Where each case costs a consent: a provider meets every other fault, and the provider after it the others, so that each
 * fault is met at half of the providers, and each provider meets half of the faults.
 */
function sample(accounts: readonly FaultedAccount[]) {
  return Object.entries(passingFaults).map(([name, fault], i) => {
    const concerned = accounts.filter((_account, at) => (at + i) % 2 === 0);
    return [name, fault, concerned] as const;
  });
}

const passingCodes = /^(?:PROVIDER_ERROR|RATE_LIMITED)$/;
const ofNobody = (world: IntegrationsWorld) => world.api("GET", "/integrations/user/nobody");

t.test("a fault of a consent connects nothing, and the next one works", async (t) => {
  const world = await createIntegrationsWorld(t, options);
  const accounts = await connectEverywhere(world);
  let cases = 0;
  for (const name of ["token", "exchange", "identity"] as const)
    for (const [fault, how, concerned] of sample(accounts)) {
      await meetFault(world, concerned, { name, fault: how }, async (account) => {
        cases++;
        const what = `${account.provider.id}, ${name}: ${fault}`;
        const code = await expectNotConnected(t, world, account, what);
        if (code !== undefined) t.match(code, passingCodes, what);
      });
    }
  t.strictSame((await ofNobody(world)).body.data, []);
  t.ok(cases > 250, `${cases} cases`);
  for (const { provider } of accounts) await connectAccount(world, provider, { userId: "nobody" });
  t.equal((await ofNobody(world)).body.data.length, accountProviders.length);
});

t.test("no fault of a renewal takes an access, or changes its tokens", async (t) => {
  const world = await createIntegrationsWorld(t, options);
  const accounts = await connectEverywhere(world);
  world.clock.now += 2 * dayMs;
  let cases = 0;
  for (const [fault, how] of Object.entries(passingFaults))
    await meetFault(world, accounts, { name: "renewal", fault: how }, async ({ provider, id }) => {
      cases++;
      const what = `${provider.id}: ${fault}`;
      const before = await tokensOf(world, id);
      expectDocumented(t, await refresh(world, id), passingCodes, what);
      t.match(await read(world, id), alive, what);
      t.strictSame(await tokensOf(world, id), before, what);
    });
  t.ok(cases > 200, `${cases} cases`);
  for (const { provider, id, requests } of accounts) {
    if (!requests.some(({ name }) => name === "renewal")) continue;
    t.equal((await refresh(world, id)).status, 200, `${provider.id} afterwards`);
    t.match(await read(world, id), { ...alive, lastError: null }, provider.id);
  }
});

/** What a provider may say without meaning that the access is over. */
const harmless: readonly RefusalKind[] = ["rate_limited", "server_error", "client_wrong", "request_wrong"];

/** The spellings of a provider's dialect. Its pauses would last longer than a test. */
function spellingsOf(
  { provider }: FaultedAccount,
  kind: RefusalKind,
): readonly Omit<Partial<Fault>, "path">[] {
  return accountRefusals[provider.dialect][kind].map(({ status, body }) => ({ status, body: { ...body } }));
}

t.test("each dialect's refusals of a renewal mean what they mean", async (t) => {
  const world = await createIntegrationsWorld(t, options);
  const accounts = await connectEverywhere(world);
  world.clock.now += 2 * dayMs;
  for (const account of accounts) {
    const { provider, id } = account;
    const meet = (fault: Omit<Partial<Fault>, "path">, act: () => Promise<void>) =>
      meetFault(world, [account], { name: "renewal", fault }, act);
    for (const kind of harmless)
      for (const fault of spellingsOf(account, kind))
        await meet(fault, async () => {
          const what = `${provider.id}, ${kind}: ${JSON.stringify(fault)}`;
          const before = await tokensOf(world, id);
          expectDocumented(
            t,
            await refresh(world, id),
            /^(?:PROVIDER_ERROR|RATE_LIMITED|REFRESH_FAILED)$/,
            what,
          );
          t.match(await read(world, id), alive, what);
          t.strictSame(await tokensOf(world, id), before, what);
        });
    const [dead] = spellingsOf(account, "refresh_dead");
    if (dead === undefined) continue;
    await meet(dead, async () => {
      expectDocumented(t, await refresh(world, id), /^TOKEN_EXPIRED$/, provider.id);
      t.match(await read(world, id), { reconnectRequiredSince: String, lastError: sentence }, provider.id);
    });
    if (account.requests.some(({ name }) => name === "renewal")) {
      t.equal(await connect(world, provider), id, `${provider.id} is connected again`);
      t.match(await read(world, id), { ...alive, lastError: null });
    }
  }
});

t.test("each dialect's refusals of a consent connect nothing", async (t) => {
  const world = await createIntegrationsWorld(t, options);
  const accounts = await connectEverywhere(world);
  for (const account of accounts)
    for (const kind of ["code_dead", "scope_missing", "token_dead", ...harmless] as const)
      for (const fault of spellingsOf(account, kind).slice(0, 1))
        for (const name of ["token", "identity"] as const)
          await meetFault(world, [account], { name, fault }, async () => {
            const what = `${account.provider.id}, ${name}, ${kind}`;
            const code = await expectNotConnected(t, world, account, what);
            if (code !== undefined) t.match(code, /^(?:PROVIDER_ERROR|RATE_LIMITED|OAUTH_FAILED)$/, what);
          });
  t.strictSame((await ofNobody(world)).body.data, []);
});

t.test("a fault of a revocation ends it here, says so, and the account can be connected again", async (t) => {
  const world = await createIntegrationsWorld(t, options);
  const accounts = await connectEverywhere(world);
  for (const [fault, how, concerned] of sample(accounts)) {
    await meetFault(world, concerned, { name: "revocation", fault: how }, async ({ provider, id }) => {
      const what = `${provider.id}: ${fault}`;
      const { status, body } = await world.api("DELETE", `/integrations/${id}?revoke=all`);
      t.equal(status, 200, what);
      t.match(body.data, { isActive: false, expiresAt: null, lastError: null }, what);
      // RFC 7009, section 2.2: an empty answer is how most confirm it.
      if (fault !== "200 with nothing") t.equal(body.data.revokedAtProvider, false, what);
      t.equal(await tokensOf(world, id), undefined, what);
    });
    for (const { provider, id, requests } of concerned)
      if (requests.some(({ name }) => name === "revocation"))
        t.equal(await connect(world, provider), id, `${provider.id} after ${fault}`);
  }
});

t.test("where nothing listens, nobody is disconnected, and all goes on afterwards", async (t) => {
  const world = await createIntegrationsWorld(t, options);
  const accounts = await connectEverywhere(world);
  world.clock.now += 2 * dayMs;
  const closed = await freePort();
  await world.restart({ PROVIDER_HOSTS_AT: `http://127.0.0.1:${closed}` });
  const renewed = accounts.filter(({ requests }) => requests.some(({ name }) => name === "renewal"));
  for (const { provider, id } of renewed) {
    expectDocumented(t, await refresh(world, id), /^PROVIDER_ERROR$/, provider.id);
    t.match(await read(world, id), alive, provider.id);
  }
  await world.restart({});
  for (const { provider, id } of renewed) t.equal((await refresh(world, id)).status, 200, provider.id);
});

t.test("a pause that a provider asks for is kept, and then it goes on", async (t) => {
  const world = await createIntegrationsWorld(t, options);
  const accounts = await connectEverywhere(world);
  world.clock.now += 2 * dayMs;
  const pause = { status: 429, headers: { "retry-after": "1" } };
  await meetFault(world, accounts, { name: "renewal", fault: pause }, async ({ provider, id }) => {
    for (const again of ["at first", "again"])
      expectDocumented(t, await refresh(world, id), /^RATE_LIMITED$/, `${provider.id}, ${again}`);
    t.match(await read(world, id), alive, provider.id);
  });
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  for (const { provider, id, requests } of accounts)
    if (requests.some(({ name }) => name === "renewal"))
      t.equal((await refresh(world, id)).status, 200, provider.id);
});
