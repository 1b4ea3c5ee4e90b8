import { accountProviders } from "@cita/providers/accounts";
import t from "tap";
import { connectAccount, consentAt, createTraveller, initiate, start } from "./support/account-consent.ts";
import {
  forEachIntegrationsWorld,
  type IntegrationsWorld,
  redirectUri,
} from "./support/integrations-world.ts";
import { serviceKey } from "./support/test-keys.ts";

function providerOf(id: string) {
  const found = accountProviders.find((one) => one.id === id);
  if (found === undefined) throw new Error(`there is no ${id}`);
  return found;
}
const hubspot = providerOf("hubspot");
const discord = providerOf("discord");

async function countOf(world: IntegrationsWorld): Promise<number> {
  return (await world.api("GET", "/integrations/user/user-1")).body.data.length;
}

const request = { userId: "user-1", provider: "HUBSPOT", redirectUri };

forEachIntegrationsWorld(t, "what an initiation refuses", {}, async (t, world) => {
  const refusals: [object | string, number, string][] = [
    [{ ...request, provider: "MYSPACE" }, 400, "INVALID_PROVIDER"],
    [{ ...request, provider: "hubspot" }, 400, "INVALID_PROVIDER"],
    [{ ...request, redirectUri: `${redirectUri}&x=1` }, 400, "REDIRECT_URI_REFUSED"],
    [{ ...request, redirectUri: "https://evil.example/" }, 400, "REDIRECT_URI_REFUSED"],
    [{ ...request, userId: "" }, 400, "VALIDATION_ERROR"],
    [{ ...request, userId: 7 }, 400, "VALIDATION_ERROR"],
    [{ ...request, organizationId: "../x" }, 400, "VALIDATION_ERROR"],
    [{ ...request, capabilities: ["telepathy"] }, 400, "VALIDATION_ERROR"],
    [{ ...request, metadata: { note: "x".repeat(5_000) } }, 400, "VALIDATION_ERROR"],
    [{ ...request, metadata: "x" }, 400, "VALIDATION_ERROR"],
    [{ ...request, unknown: 1 }, 400, "VALIDATION_ERROR"],
    [{ ...request, provider: "SHOPIFY", metadata: { shop: "127.0.0.1" } }, 400, "VALIDATION_ERROR"],
    [{ ...request, provider: "SENDGRID", metadata: { api_key: "SG.x" } }, 400, "VALIDATION_ERROR"],
    ["{", 400, "VALIDATION_ERROR"],
    ["[]", 400, "VALIDATION_ERROR"],
  ];
  for (const [body, status, code] of refusals) {
    const answer = await world.api("POST", "/integrations/oauth/initiate", body);
    t.match(
      answer,
      { status, body: { success: false, error: { code, message: /\w/ } } },
      JSON.stringify(body),
    );
  }
  const nobody = await world.api("POST", "/integrations/oauth/initiate", request, null);
  t.match(nobody, { status: 401, body: { success: false, error: { code: "UNAUTHORIZED" } } });
  t.equal(nobody.headers.get("www-authenticate"), "Bearer");
  t.match(await world.api("POST", "/integrations/oauth/initiate", request, "wrong"), { status: 401 });
  t.match(await world.api("POST", "/integrations/oauth/initiate", request, serviceKey), { status: 200 });
});

forEachIntegrationsWorld(
  t,
  "a provider without a client isn't configured, and says what it wants",
  { variables: { HUBSPOT_CLIENT_ID: "", HUBSPOT_CLIENT_SECRET: "" } },
  async (t, world) => {
    const { body } = await world.api("GET", "/integrations/providers");
    t.equal(body.data.length, accountProviders.length);
    const found = body.data.find(({ provider }: { provider: string }) => provider === "HUBSPOT");
    t.match(found, { configured: false, variables: ["HUBSPOT_CLIENT_ID", "HUBSPOT_CLIENT_SECRET"] });
    const answer = await world.api("POST", "/integrations/oauth/initiate", request);
    t.match(answer, {
      status: 400,
      body: { error: { code: "INVALID_PROVIDER", message: /HUBSPOT_CLIENT_ID/ } },
    });
  },
);

forEachIntegrationsWorld(t, "what a callback refuses, and nothing is stored", {}, async (t, world) => {
  const denied = await connectAccount(world, hubspot, { action: "deny" });
  t.match(Object.fromEntries(denied.result), { success: "false", error: "OAUTH_FAILED", message: /allowed/ });

  const fewer = await connectAccount(world, discord, { scopes: ["identify"] });
  t.match(Object.fromEntries(fewer.result), {
    error: "OAUTH_FAILED",
    message: /webhook\.incoming/,
  });

  const { body } = await initiate(world, hubspot);
  const traveller = createTraveller();
  const atProvider = await start(traveller, hubspot, body.data.authorizationUrl);
  const back = await consentAt(traveller, atProvider.location ?? "", {});
  t.match(await createTraveller().go(back), { status: 400, location: null }, "another browser's");

  const foreign = new URL(back);
  foreign.searchParams.set("state", "A".repeat(43));
  t.match(await traveller.go(foreign.href), { status: 400, location: null }, "a foreign state");
  const without = new URL(back);
  without.searchParams.delete("state");
  t.match(await traveller.go(without.href), { status: 400, location: null }, "no state");
  const doubled = `${back}&state=x`;
  t.match(await traveller.go(doubled), { status: 400, location: null }, "two states");

  const other = back.replace("/callback/hubspot", "/callback/discord");
  const mixed = await traveller.go(other);
  t.match(mixed.location, /error=OAUTH_FAILED/, "another provider's callback");
  t.match((await traveller.go(back)).status, 400, "the state is spent by that");
  t.equal(await countOf(world), 0);

  const connected = await connectAccount(world, discord);
  const replayed = await connected.traveller.go(`${world.url}/integrations/oauth/start/${connected.state}`);
  t.equal(replayed.status, 410, "a start that was completed");

  const late = await initiate(world, discord);
  const slow = createTraveller();
  const page = await start(slow, discord, late.body.data.authorizationUrl);
  const answer = await consentAt(slow, page.location ?? "", {});
  world.clock.now += 2 * 3_600_000;
  t.match((await slow.go(answer)).location, /error=OAUTH_FAILED.*too\+long|too%20long/, "too late");
  t.equal(await countOf(world), 1);
});

forEachIntegrationsWorld(t, "ids of nobody, and bodies of the wrong shape", {}, async (t, world) => {
  const missing = "00000000-0000-4000-8000-000000000000";
  for (const [method, path, body] of [
    ["GET", `/integrations/${missing}`],
    ["PATCH", `/integrations/${missing}`, { name: "x" }],
    ["DELETE", `/integrations/${missing}`],
    ["POST", `/integrations/${missing}/refresh`],
    ["GET", `/integrations/${missing}/sync-logs`],
  ] as const)
    t.match(
      await world.api(method, path, body),
      { status: 404, body: { success: false, error: { code: "INTEGRATION_NOT_FOUND" } } },
      `${method} ${path}`,
    );
  t.match(await world.api("GET", "/integrations/nonsense"), { status: 400 });
  t.match(await world.api("GET", "/nowhere"), {
    status: 404,
    body: { success: false, error: { code: "NOT_FOUND" } },
  });

  const { integrationId } = await connectAccount(world, hubspot);
  const path = `/integrations/${integrationId}`;
  for (const body of [{}, { name: "" }, { isActive: "no" }, { provider: "SLACK" }, { userId: "x" }, "[]"])
    t.match(await world.api("PATCH", path, body), {
      status: 400,
      body: { error: { code: "VALIDATION_ERROR" } },
    });
  t.match(await world.api("PATCH", path, { name: "Ventas", isActive: false }), {
    status: 200,
    body: { data: { name: "Ventas", isActive: false } },
  });
  for (const query of [
    "limit=0",
    "limit=1000",
    "isActive=maybe",
    "cursor=nonsense",
    "unknown=1",
    "provider=X",
  ])
    t.match(await world.api("GET", `/integrations/user/user-1?${query}`), { status: 400 }, query);
});

forEachIntegrationsWorld(t, "a person who leaves disconnects what is their own", {}, async (t, world) => {
  const own = await connectAccount(world, hubspot);
  const ofCustomer = await connectAccount(world, hubspot, { organizationId: "luna" });
  const event = { type: "user.deleted", data: { userId: "user-1" } };
  t.match(await world.api("POST", "/events", event), { status: 401 }, "only between services");
  t.match(await world.api("POST", "/events", event, serviceKey), {
    status: 200,
    body: { data: { removed: 1 } },
  });
  t.match(await world.api("POST", "/events", event, serviceKey), { status: 200 }, "it may be repeated");
  const left = await world.api("GET", `/integrations/${own.integrationId}`);
  t.ok(left.status === 404 || left.body.data.isActive === false);
  t.match(await world.api("GET", `/integrations/${ofCustomer.integrationId}`), {
    body: { data: { isActive: true } },
  });
  for (const body of [{}, { type: "user.renamed", data: {} }, { type: "user.deleted", data: {} }])
    t.match(await world.api("POST", "/events", body, serviceKey), { status: 400 });
});

forEachIntegrationsWorld(t, "source 000's way in is the same flow", {}, async (t, world) => {
  const { status, body } = await world.api("POST", "/oauth/connect/hubspot", { sessionId: "user-1" });
  t.equal(status, 200, JSON.stringify(body));
  const traveller = createTraveller();
  const page = await start(traveller, hubspot, body.data.authUrl);
  const back = await consentAt(traveller, page.location ?? "", {});
  const ended = await traveller.go(back.replace("/integrations/oauth/callback/", "/oauth/callback/"));
  t.match(ended.location, /success=true/);
  t.match(await world.api("GET", "/integrations/user/user-1"), { body: { data: [{ provider: "HUBSPOT" }] } });
  for (const platform of ["google", "microsoft", "meta-ads"])
    t.equal(
      (await world.api("POST", `/oauth/connect/${platform}`, { sessionId: "user-1" })).status,
      200,
      platform,
    );
  t.match(await world.api("POST", "/oauth/connect/myspace", { sessionId: "user-1" }), {
    status: 400,
    body: { error: { code: "INVALID_PROVIDER" } },
  });
});
