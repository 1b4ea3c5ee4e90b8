import { type AccountProvider, type AccountRevocation, accountProviders } from "@cita/providers/accounts";
import t, { type Test } from "tap";
import { type AccountsWorld, inputsOf, obtain, startAccounts } from "./accounts-session.ts";

/** Which other accesses end with one: another of the same account, and one of another account. */
const endsOf: Record<AccountRevocation["effect"], { readonly own: boolean; readonly others: boolean }> = {
  token: { own: false, others: false },
  grant: { own: true, others: false },
  uninstall: { own: true, others: false },
};

const refused = /^(?:unauthorized|reauth_required)$/;

t.test("an access is ended", async (t) => {
  const world = await startAccounts(t);
  for (const provider of accountProviders)
    await t.test(`${provider.id}: ${provider.revocation?.effect ?? "by its owner alone"}`, (t) =>
      ends(t, world, provider),
    );
});

async function ends(t: Test, world: AccountsWorld, { id, revocation, probe, renewal }: AccountProvider) {
  const client = world.clientOf(id);
  const others = { inputs: inputsOf(id, "other"), form: { account: "luis@example.com" } };
  const [one, own, other] = [
    await obtain(world, id),
    await obtain(world, id),
    await obtain(world, id, others),
  ];
  if (revocation === null) {
    t.equal(await client.revoke(one.access), "unsupported");
    const { revoked } = await world.control(`providers/${id}/revoke`, { account: "ana@example.com" });
    t.equal(Number(revoked) > 0, id !== "zapier");
  } else {
    t.equal(await client.revoke(one.access), "revoked");
    t.equal(await client.revoke(one.access), "revoked", "again");
  }
  if (probe === null && renewal.kind === "none") return;
  const tryAccess = async ({ access }: typeof one) =>
    probe === null ? (await client.renew(access)).kind : (await client.probe(access))?.kind;
  t.match(await tryAccess(one), refused);
  const { own: endsOwn, others: endsOthers } = endsOf[revocation?.effect ?? "grant"];
  // A renewal of X's is what tells, since its calls cost money.
  t.match(await tryAccess(own), endsOwn ? refused : /^(?:ok|renewed)$/, "another of the same account");
  // A key's account is known by the key alone.
  if (id !== "sendgrid") t.match(await tryAccess(other), endsOthers ? refused : /^(?:ok|renewed)$/);
  if (renewal.kind === "refresh_token" && one.access.refreshToken !== null)
    t.match(await client.renew(one.access), { kind: "reauth_required" });
}

t.test("what one authorization server has granted ends together", async (t) => {
  const world = await startAccounts(t);
  for (const [ended, sibling, stranger] of [
    ["gmail", "youtube", "outlook-mail"],
    ["meta-ads", "facebook", "instagram"],
  ] as const) {
    const [{ access }, left, apart] = [
      await obtain(world, ended),
      await obtain(world, sibling),
      await obtain(world, stranger),
    ];
    await world.clientOf(ended).revoke(access);
    t.match((await world.clientOf(sibling).probe(left.access))?.kind, refused, `${sibling} with ${ended}`);
    t.equal((await world.clientOf(stranger).probe(apart.access))?.kind, "ok", stranger);
  }
});

t.test("an access may be removed elsewhere", async (t) => {
  const world = await startAccounts(t);
  const { access } = await obtain(world, "hubspot", { form: { account: "Luz" } });
  t.strictSame(await world.control("providers/hubspot/revoke", { account: "luz" }), { revoked: 1 });
  t.match(await world.clientOf("hubspot").renew(access), { kind: "reauth_required" });
});
