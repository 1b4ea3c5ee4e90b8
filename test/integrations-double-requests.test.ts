import t, { type Test } from "tap";
import {
  connectAccount,
  consentAt,
  createTraveller,
  initiate,
  start,
  typedInputs,
} from "./support/account-consent.ts";
import { addFault, clearFaults, providerOf, readCalls } from "./support/account-faults.ts";
import { forEachIntegrationsWorld, type IntegrationsWorld } from "./support/integrations-world.ts";

const hubspot = providerOf("hubspot");
const tokenPath = "/api.hubapi.com/oauth/2026-03/token";

const resultOf = ({ location }: { location: string | null }) =>
  Object.fromEntries(new URL(location ?? "about:blank").searchParams);

/** A browser that has consented, and where it is sent back to. */
async function comeBack(world: IntegrationsWorld) {
  const traveller = createTraveller();
  const { body } = await initiate(world, hubspot);
  const page = await start(traveller, hubspot, body.data.authorizationUrl);
  return { traveller, back: await consentAt(traveller, page.location ?? "", {}) };
}

forEachIntegrationsWorld(
  t,
  "a callback that is reloaded tells what it has connected",
  {},
  async (t, world) => {
    const { traveller, back } = await comeBack(world);
    await addFault(world, { path: tokenPath, latency_ms: 300, times: 1 });
    const ends = await Promise.all([traveller.go(back), traveller.go(back)]);
    const [first, second] = ends.map(resultOf);
    t.match(first, { success: "true", integrationId: /./ });
    t.strictSame(second, first);
    t.equal((await readCalls(world))[`POST ${tokenPath}`], 1, "the code is exchanged once");
    t.equal((await traveller.go(back)).status, 400, "the cookie is gone by then");
    t.equal((await world.api("GET", "/integrations/user/user-1")).body.data.length, 1);
  },
);

forEachIntegrationsWorld(t, "one that fails has both told so at once", {}, async (t, world) => {
  const { traveller, back } = await comeBack(world);
  await addFault(world, { path: tokenPath, status: 503, latency_ms: 300, times: 1 });
  const begun = performance.now();
  const ends = await Promise.all([traveller.go(back), traveller.go(back)]);
  for (const end of ends) t.match(resultOf(end), { success: "false" });
  t.ok(performance.now() - begun < 8_000, "nobody waits for what is over");
  t.equal((await world.api("GET", "/integrations/user/user-1")).body.data.length, 0);
});

forEachIntegrationsWorld(t, "a key that is sent twice is connected once", {}, async (t, world) => {
  const sendgrid = providerOf("sendgrid");
  const { body } = await initiate(world, sendgrid);
  const traveller = createTraveller();
  await addFault(world, { path: "/api.sendgrid.com/v3/scopes", latency_ms: 300 });
  const send = () => traveller.go(body.data.authorizationUrl, new URLSearchParams(typedInputs.sendgrid));
  const [first, second] = (await Promise.all([send(), send()])).map(resultOf);
  t.match(first, { success: "true", integrationId: /./ });
  t.strictSame(second, first);
});

/** Where a revocation ends this access alone, and where it would end others. */
const revocations: readonly [id: string, identity: string, revocation: string, isGivenBack: boolean][] = [
  ["salesforce", "/ana-example-com.my.salesforce.com/", "/login.salesforce.com/services/oauth2/revoke", true],
  ["twitter", "/api.x.com/2/users/me", "/api.x.com/2/oauth2/revoke", true],
  ["discord", "/discord.com/api/v10/users/@me", "/discord.com/api/oauth2/token/revoke", false],
];

async function expectGivenBack(
  t: Test,
  world: IntegrationsWorld,
  [id, identity, revocation, isGivenBack]: (typeof revocations)[number],
): Promise<void> {
  const before = (await readCalls(world))[`POST ${revocation}`] ?? 0;
  await addFault(world, { path: identity, status: 500 });
  const { result } = await connectAccount(world, providerOf(id), { userId: `user-${id}` });
  await clearFaults(world);
  t.match(Object.fromEntries(result), { success: "false", error: "PROVIDER_ERROR" }, id);
  const calls = ((await readCalls(world))[`POST ${revocation}`] ?? 0) - before;
  t.equal(calls, isGivenBack ? 1 : 0, `${id}: an access that nobody keeps`);
}

forEachIntegrationsWorld(
  t,
  "what is granted before whose it is can be told is given back",
  {},
  async (t, world) => {
    for (const one of revocations) await expectGivenBack(t, world, one);
  },
);
