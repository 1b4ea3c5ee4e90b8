import t from "tap";
import { consentAt, createTraveller, initiate, start } from "./support/account-consent.ts";
import { providerOf } from "./support/account-faults.ts";
import { forEachIntegrationsWorld, redirectUri } from "./support/integrations-world.ts";

const hubspot = providerOf("hubspot");

forEachIntegrationsWorld(t, "an error that comes twice isn't overheard", {}, async (t, world) => {
  const traveller = createTraveller();
  const { body } = await initiate(world, hubspot);
  const page = await start(traveller, hubspot, body.data.authorizationUrl);
  const back = await consentAt(traveller, page.location ?? "", {});
  const ended = await traveller.go(`${back}&error=x&error=y`);
  t.match(ended.location, /success=false&error=OAUTH_FAILED/);
});

forEachIntegrationsWorld(t, "whatever a browser sends, it is shown a page", {}, async (t, world) => {
  const { body } = await initiate(world, providerOf("shopify"));
  const url: string = body.data.authorizationUrl;
  const deep = `{"shop":${"[".repeat(9_000)}${"]".repeat(9_000)}}`;
  for (const [type, sent] of [
    ["application/json", '{"shop":{"toString":1}}'],
    ["application/json", deep],
    ["application/json", "null"],
    ["application/json", "{"],
    ["application/json", '{"__proto__":{"shop":"x"}}'],
    ["text/plain", "shop=luna.myshopify.com"],
    ["application/x-www-form-urlencoded", `shop=${"x".repeat(20_000)}`],
  ] as const) {
    const response = await fetch(url, {
      ...{ method: "POST", body: sent, redirect: "manual" },
      headers: { accept: "text/html", "content-type": type },
    });
    t.match(response.status, /^4\d\d$/, sent.slice(0, 40));
    t.match(response.headers.get("content-type"), /^text\/html/);
    t.match(response.headers.get("content-security-policy"), /frame-ancestors 'none'/);
    t.notMatch(await response.text(), /<script/);
  }
});

forEachIntegrationsWorld(t, "a userId of 200 characters has its list", {}, async (t, world) => {
  const userId = "%/".repeat(50) + "u".repeat(100);
  const initiated = await world.api("POST", "/integrations/oauth/initiate", {
    ...{ userId, provider: "HUBSPOT", redirectUri },
  });
  t.equal(initiated.status, 200);
  t.match(await world.api("GET", `/integrations/user/${encodeURIComponent(userId)}`), {
    status: 200,
    body: { data: [] },
  });
});

forEachIntegrationsWorld(t, "what no router decodes is answered in the envelope", {}, async (t, world) => {
  for (const path of ["/integrations/%zz", "/integrations/user/%ff", "/%", "/oauth/callback/%c0%ae"])
    t.match(
      await world.api("GET", path),
      { status: 404, body: { success: false, error: { code: "NOT_FOUND" } } },
      path,
    );
});
