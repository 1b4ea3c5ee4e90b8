import {
  type AccountDialectName,
  type AccountProvider,
  type AccountVerdict,
  accountProviders,
} from "@cita/providers/accounts";
import t, { type Test } from "tap";
import { accountRefusals, type RefusalKind, type Spelling } from "../src/index.ts";
import { type AccountsWorld, consent, inputsOf, obtain, queryOf, startAccounts } from "./accounts-session.ts";
import { VERIFIER } from "./sandbox-session.ts";

type Meaning = Exclude<AccountVerdict["kind"], "ok">;
type Meanings = Partial<Readonly<Record<RefusalKind, Meaning>>>;

/** What a refusal of a call means, except in the dialects below. */
const ofCalls: Meanings = {
  token_expired: "unauthorized",
  token_dead: "unauthorized",
  scope_missing: "refused",
  rate_limited: "rate_limited",
  server_error: "transient",
};

/** Some tell an access that has ended from a token that has, or have no renewal that could tell. */
const ofCallsIn: Partial<Readonly<Record<AccountDialectName, Meanings>>> = {
  google: { scope_missing: "reauth_required" },
  meta: { token_expired: "reauth_required", token_dead: "reauth_required" },
  slack: { token_dead: "reauth_required" },
  tiktok_business: { token_expired: "reauth_required", token_dead: "reauth_required" },
  stripe: { token_expired: "reauth_required", token_dead: "reauth_required" },
};

const ofExchanges: Meanings = { code_dead: "reauth_required", client_wrong: "misconfigured" };
const ofRenewals: Meanings = { refresh_dead: "reauth_required", client_wrong: "misconfigured" };
/** The first spelling of these is the same for calls and at the token endpoint. */
const ofBoth: Meanings = { rate_limited: "rate_limited", server_error: "transient" };

/** Every spelling at one provider of each dialect, and at the others the first of each refusal. */
function spellingsAt({ id, dialect }: AccountProvider, meanings: Meanings) {
  const isFirst = accountProviders.find((one) => one.dialect === dialect)?.id === id;
  return (Object.entries(meanings) as [RefusalKind, Meaning][]).flatMap(([kind, meaning]) => {
    const all: readonly Spelling[] = accountRefusals[dialect][kind];
    return all.slice(0, isFirst ? all.length : 1).map((spelling) => ({ spelling, kind: meaning }));
  });
}

t.test("refusals mean what they say", async (t) => {
  const world = await startAccounts(t);
  for (const provider of accountProviders) await t.test(provider.id, (t) => refuses(t, world, provider));
});

async function refuses(t: Test, world: AccountsWorld, provider: AccountProvider) {
  const { id, dialect, probe, grant, renewal, revocation } = provider;
  await world.control(`providers/${id}/settings`, { refresh_tokens: true });
  const client = world.clientOf(id);
  const { access } = await obtain(world, id);

  const meet = async (spelling: Spelling, expected: object, ask: () => Promise<unknown>) => {
    await world.meetOnce(spelling);
    t.match(await ask(), expected, `${spelling.status} ${JSON.stringify(spelling.body)}`);
  };

  for (const { spelling, kind } of spellingsAt(provider, { ...ofCalls, ...ofCallsIn[dialect] }))
    if (probe !== null) await meet(spelling, { kind }, () => client.probe(access));

  for (const { spelling, kind } of spellingsAt(provider, ofExchanges)) {
    if (grant.kind !== "authorization_code") break;
    const exchange = await readyToExchange(world, id);
    await meet(spelling, { failure: { kind } }, exchange);
  }

  world.clock.ms += 2 * 86_400_000;
  for (const { spelling, kind } of spellingsAt(provider, ofRenewals))
    if (renewal.kind !== "none") await meet(spelling, { kind }, () => client.renew(access));
  for (const [refusal, kind] of Object.entries(ofBoth) as [RefusalKind, Meaning][])
    if (renewal.kind !== "none")
      await meet(accountRefusals[dialect][refusal][0], { kind }, () => client.renew(access));

  for (const spelling of accountRefusals[dialect].revoke_dead) {
    if (revocation === null) break;
    await world.meetOnce(spelling);
    t.equal(await client.revoke(access), "revoked", JSON.stringify(spelling.body));
  }
}

/** The exchange of a good code, with nothing asked before it. */
async function readyToExchange(world: AccountsWorld, id: string) {
  const client = world.clientOf(id);
  const inputs = inputsOf(id);
  const query = queryOf(await consent(client, { inputs }));
  return () => client.exchange({ query, codeVerifier: VERIFIER, inputs, scopes: [] });
}

t.test("a bare status is answered in the provider's own words", async (t) => {
  const world = await startAccounts(t);
  const { access } = await obtain(world, "slack");
  const { access: meta } = await obtain(world, "facebook");
  await world.app.inject({
    method: "POST",
    url: "/_sandbox/faults",
    payload: { path: "/", status: 500, times: 2 },
  });
  t.match(await world.clientOf("slack").probe(access), { kind: "transient" });
  t.match(await world.clientOf("facebook").probe(meta), { kind: "transient", reason: "2" });
});
