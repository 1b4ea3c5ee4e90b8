import { type AccountAccess, type AccountRenewal, accountProviders } from "@cita/providers/accounts";
import t, { type Test } from "tap";
import { type AccountsWorld, inputsOf, obtain, startAccounts } from "./accounts-session.ts";

type Renewal<Kind extends AccountRenewal["kind"]> = Extract<AccountRenewal, { kind: Kind }>;

/** What becomes of a refresh token that was used: whether it works until the new one is used, and after that. */
const rotations: Record<
  Renewal<"refresh_token">["rotation"],
  { readonly isSame: boolean; readonly worksAgain: boolean; readonly worksLater: boolean }
> = {
  no: { isSame: true, worksAgain: true, worksLater: true },
  kept: { isSame: false, worksAgain: true, worksLater: true },
  grace: { isSame: false, worksAgain: true, worksLater: false },
  strict: { isSame: false, worksAgain: false, worksLater: false },
};

const dayMs = 86_400_000;
const lost = { kind: "reauth_required" };

const tests: {
  readonly [Kind in AccountRenewal["kind"]]: (
    t: Test,
    world: AccountsWorld,
    id: string,
    renewal: Renewal<Kind>,
  ) => Promise<void>;
} = {
  async none(t, world, id) {
    const { access } = await obtain(world, id);
    t.match(await world.clientOf(id).renew(access), { kind: "not_renewable", reason: "no_renewal" });
    t.equal(access.expiresAt, null, "and has no end");
  },

  async exchange_access_token(t, world, id) {
    const client = world.clientOf(id);
    const { access } = await obtain(world, id);
    t.equal(access.refreshToken, null);
    t.match(await client.renew(access), { kind: "not_renewable", reason: "too_young" });
    world.clock.ms += 2 * dayMs;
    const renewed = await renew(world, id, access);
    t.not(renewed.accessToken, access.accessToken);
    t.equal(renewed.expiresAt?.getTime(), world.clock.ms + 60 * dayMs);
    t.equal((await client.probe(renewed))?.kind, "ok");
    world.clock.ms += 60 * dayMs;
    t.match(await client.renew(renewed), lost, "an expired one isn't renewed");
    t.match(await client.probe(renewed), lost);
  },

  async refresh_token(t, world, id, { rotation }) {
    await world.control(`providers/${id}/settings`, { refresh_tokens: true });
    const client = world.clientOf(id);
    const { access, tokens } = await obtain(world, id);
    t.ok(tokens.expiresAt !== null && tokens.renewAt !== null && tokens.renewAt < tokens.expiresAt);
    await world.control(`providers/${id}/expire-access-tokens`);
    const probed = await client.probe(access);
    if (probed !== undefined) t.equal(probed.kind, "unauthorized", "an expired token is no loss");

    const { isSame, worksAgain, worksLater } = rotations[rotation];
    const renewed = await renew(world, id, access);
    t.not(renewed.accessToken, access.accessToken);
    t.equal(renewed.refreshToken === access.refreshToken, isSame);
    if (probed !== undefined) t.equal((await client.probe(renewed))?.kind, "ok");
    t.match(await client.renew(access), worksAgain ? { kind: "renewed" } : lost, "the old one, again");
    await renew(world, id, renewed);
    t.match(
      await client.renew(access),
      worksLater ? { kind: "renewed" } : lost,
      "and when the new one was used",
    );
  },
};

t.test("an access is renewed", async (t) => {
  const world = await startAccounts(t);
  for (const { id, renewal } of accountProviders) {
    const test = tests[renewal.kind];
    await t.test(`${id}: ${renewal.kind}`, (t) => test(t, world, id, renewal as never));
  }
});

t.test("what isn't renewed for too long ends", async (t) => {
  const world = await startAccounts(t);
  for (const { id, renewal } of accountProviders) {
    if (renewal.kind !== "refresh_token" || renewal.idleLimitDays === null) continue;
    const { access } = await obtain(world, id);
    world.clock.ms += renewal.idleLimitDays * dayMs;
    t.match(await world.clientOf(id).renew(access), lost, id);
  }
});

t.test("some have no refresh token unless they are told so", async (t) => {
  const world = await startAccounts(t);
  const slack = await obtain(world, "slack");
  t.match(slack.tokens, { refreshToken: null, expiresAt: null, renewAt: null });
  const linkedin = await obtain(world, "linkedin");
  t.equal(linkedin.tokens.accessEndsAt?.getTime(), world.clock.ms + 60 * dayMs);
  t.equal((await world.clientOf("linkedin").renew(linkedin.access)).kind, "not_renewable");
  world.clock.ms += 60 * dayMs;
  t.equal((await world.clientOf("linkedin").probe(linkedin.access))?.kind, "unauthorized");
});

t.test("lifetimes are as the provider says, or as a control says", async (t) => {
  const world = await startAccounts(t);
  const after = (s: number) => world.clock.ms + s * 1_000;
  const tiktok = (await obtain(world, "tiktok")).tokens;
  t.equal(tiktok.expiresAt?.getTime(), after(7_200));
  t.equal(tiktok.accessEndsAt?.getTime(), after(180 * 86_400));
  const settings = { access_lifetime_s: 60, refresh_lifetime_s: 600 };
  t.match(await world.control("providers/hubspot/settings", settings), { ...settings, refresh_tokens: true });
  const { access } = await obtain(world, "hubspot");
  t.equal(access.expiresAt?.getTime(), after(60));
  world.clock.ms = after(599);
  t.equal((await world.clientOf("hubspot").renew(access)).kind, "renewed");
  world.clock.ms = after(1);
  t.match(await world.clientOf("hubspot").renew(access), lost);
});

/** Renews where that has to succeed. */
async function renew(world: AccountsWorld, id: string, access: AccountAccess): Promise<AccountAccess> {
  const outcome = await world.clientOf(id).renew(access);
  if (outcome.kind !== "renewed") throw new Error(`${id}: ${JSON.stringify(outcome)}`);
  return { ...outcome.tokens, inputs: inputsOf(id) };
}
