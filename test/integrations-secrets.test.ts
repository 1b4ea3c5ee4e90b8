import { accountProviders } from "@cita/providers/accounts";
import t from "tap";
import {
  connectAccount,
  consentAt,
  createTraveller,
  initiate,
  start,
  typedInputs,
} from "./support/account-consent.ts";
import { addFault, clearFaults, providerOf } from "./support/account-faults.ts";
import { forEachIntegrationsWorld, type IntegrationsWorld } from "./support/integrations-world.ts";

/** The parameters of an answer that nobody else may have. */
const secretParameters = ["code", "auth_code", "hmac", "state", "user_id"];

async function noteAccess(world: IntegrationsWorld, id: string | null): Promise<void> {
  const access = id === null ? undefined : await world.services.integrations.findAccess(id);
  world.secrets.note("access token", access?.accessToken);
  world.secrets.note("refresh token", access?.refreshToken);
}

// What is noted is looked for in the log and in the database when the world ends.
forEachIntegrationsWorld(t, "no secret of a whole life stands in the clear", {}, async (t, world) => {
  for (const provider of accountProviders) {
    const traveller = createTraveller();
    const { body } = await initiate(world, provider);
    world.secrets.note("state", body.data.state);
    for (const value of Object.values(typedInputs[provider.id] ?? {}))
      if (provider.inputs.some(({ isSecret }) => isSecret)) world.secrets.note("typed key", value);
    let ended = await start(traveller, provider, body.data.authorizationUrl);
    for (const cookie of traveller.jar.values()) world.secrets.note("verifier", cookie.split(".")[2]);
    if (ended.location?.startsWith(world.sandboxUrl)) {
      const back = await consentAt(traveller, ended.location, {});
      const { searchParams } = new URL(back);
      for (const name of secretParameters) world.secrets.note(name, searchParams.get(name));
      ended = await traveller.go(back);
    }
    const id = new URL(ended.location ?? "about:blank").searchParams.get("integrationId");
    t.ok(id, provider.name);
    await noteAccess(world, id);
    world.clock.now += 3 * 86_400_000;
    await world.api("POST", `/integrations/${id}/refresh`);
    await noteAccess(world, id);
    const shown = await world.api("GET", `/integrations/${id}`);
    t.strictSame(world.secrets.findIn("an answer", JSON.stringify(shown.body)), []);
    await world.api("DELETE", `/integrations/${id}?revoke=all`);
  }
  const counts = world.secrets.counts();
  t.ok((counts["access token"] ?? 0) > 20 && (counts["refresh token"] ?? 0) > 8, JSON.stringify(counts));
});

forEachIntegrationsWorld(
  t,
  "a provider that quotes what it was sent is quoted nowhere",
  {},
  async (t, world) => {
    const quoting = {
      ...{ status: 400, echo: true, status_text: "{{authorization}}" },
      headers: { location: "{{url}}", "x-sent": "{{authorization}}" },
      body: {
        error: "{{body}}",
        error_description: "{{url}}",
        message: "{{authorization}}",
        code: "{{body}}",
      },
    };
    for (const id of ["facebook", "hubspot", "tiktok", "salesforce", "sendgrid", "slack"]) {
      const provider = providerOf(id);
      const { integrationId } = await connectAccount(world, provider);
      await noteAccess(world, integrationId);
      world.clock.now += 3 * 86_400_000;
      await addFault(world, { path: "/", ...quoting });
      const refreshed = await world.api("POST", `/integrations/${integrationId}/refresh`);
      t.strictSame(world.secrets.findIn("an answer", JSON.stringify(refreshed.body)), [], id);
      await clearFaults(world);
      await addFault(world, {
        path: "/",
        status: 307,
        echo: true,
        headers: { location: "{{url}}#x" },
        body: "",
      });
      await world.api("POST", `/integrations/${integrationId}/refresh`);
      await world.api("DELETE", `/integrations/${integrationId}?revoke=all`);
      await clearFaults(world);
    }
  },
);

forEachIntegrationsWorld(
  t,
  "keys are delivered once, for a consent that is under way",
  {},
  async (t, world) => {
    const woocommerce = providerOf("woocommerce");
    const path = "/integrations/oauth/callback/woocommerce";
    const keys = { consumer_key: "ck_0123456789", consumer_secret: "cs_0123456789", key_permissions: "read" };
    const deliver = (body: unknown, to = path) => world.api("POST", to, body, null);
    const begin = async () => {
      const { body } = await initiate(world, woocommerce);
      const traveller = createTraveller();
      const page = await start(traveller, woocommerce, body.data.authorizationUrl);
      return { traveller, page: page.location ?? "", state: String(body.data.state) };
    };
    const { state } = await begin();
    for (const body of [
      { ...keys },
      { ...keys, user_id: "A".repeat(43) },
      { ...keys, user_id: [state] },
      { ...keys, user_id: { toString: state } },
      { ...keys, user_id: state, consumer_secret: "a:b" },
      { ...keys, user_id: state, consumer_key: ["ck_0123456789"] },
      { ...keys, user_id: state, consumer_key: "x".repeat(300) },
      [],
      "null",
      `{"user_id":"${state}","__proto__":{}}`,
      { ...keys, user_id: state, padding: "x".repeat(9_000) },
    ])
      t.match((await deliver(body)).status, /^4(?:00|13)$/, JSON.stringify(body).slice(0, 80));
    t.match(await deliver({ ...keys, user_id: state }, path.replace("woocommerce", "hubspot")), {
      status: 400,
      body: { error: { code: "INVALID_PROVIDER" } },
    });
    t.match(await deliver({ ...keys, user_id: state }), { status: 400 }, "the store doesn't know these keys");
    const foreign = await initiate(world, providerOf("hubspot"));
    t.match(
      await deliver({ ...keys, user_id: foreign.body.data.state }),
      { status: 400 },
      "of another provider",
    );
    const late = await begin();
    world.clock.now += 2 * 3_600_000;
    t.match(await deliver({ ...keys, user_id: late.state }), { status: 400 }, "too late");
    const inTime = await begin();
    const back = await consentAt(inTime.traveller, inTime.page, {});
    t.match(await deliver({ ...keys, user_id: inTime.state }), { status: 400 }, "the keys have come already");
    t.match((await inTime.traveller.go(back)).location, /success=true/);
    t.equal((await world.api("GET", "/integrations/user/user-1")).body.data.length, 1);
  },
);
