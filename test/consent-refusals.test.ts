import t from "tap";
import { createBrowser } from "./support/browser.ts";
import { grantWithoutRefreshToken } from "./support/grant-without-refresh-token.ts";
import { untilCalled } from "./support/until-called.ts";
import { adminKey, createWorld, type World } from "./support/world.ts";

const calendarScope = "https://www.googleapis.com/auth/calendar.events";

async function lastAttempt(world: World, customerId: string) {
  return (await world.api("GET", `/v1/customer-calendars/${customerId}`)).body.link.last_attempt;
}

t.test("a link that is unknown, renewed, expired or used says so and leads nowhere", async (t) => {
  const world = await createWorld(t);
  const browser = createBrowser();
  for (const path of ["/connect/nonsense", `/connect/${"A".repeat(43)}`, "/connect/nonsense/google"]) {
    t.match(await browser.open(`${world.mcpUrl}${path}`), { status: 404, text: /link_unknown/ });
  }

  const { body: first } = await world.connect("luna");
  const { body: second } = await world.connect("luna", { renew: true });
  t.not(second.shareable_link, first.shareable_link);
  t.match(await browser.open(first.shareable_link), { status: 410, text: /link_revoked/ });
  t.match(await browser.open(first.authorization_url), { status: 410, text: /link_revoked/ });

  await world.consent(second.shareable_link);
  t.match(await browser.open(second.shareable_link), { status: 410, text: /link_used/ });
  t.match(await browser.open(second.shareable_link, { method: "POST", form: new URLSearchParams() }), {
    status: 410,
  });

  const { body: third } = await world.connect("luna");
  world.clock.now += 8 * 86_400_000;
  t.match(await browser.open(third.shareable_link), { status: 410, text: /link_expired/ });
});

t.test("authorization_url goes straight to Google, with the address as a hint", async (t) => {
  const world = await createWorld(t);
  const { body } = await world.connect("luna");
  const page = await createBrowser().open(body.authorization_url);
  const url = new URL(page.url);
  t.equal(url.origin, world.googleUrl);
  t.match(Object.fromEntries(url.searchParams), {
    login_hint: "luna@example.com",
    access_type: "offline",
    prompt: "consent",
    code_challenge_method: "S256",
    redirect_uri: `${world.mcpUrl}/oauth/callback`,
    scope: `openid email ${calendarScope}`,
  });
});

t.test("an app's embedded browser is told to open a real one, and never sent to Google", async (t) => {
  const world = await createWorld(t);
  const { body } = await world.connect("luna");
  const agents = [
    "Mozilla/5.0 (Linux; Android 14; wv) AppleWebKit/537.36 Chrome/140 Mobile",
    "Mozilla/5.0 (iPhone) AppleWebKit/605 [FBAN/FBIOS;FBAV/400]",
    "Mozilla/5.0 (iPhone) AppleWebKit/605 Instagram 300.0",
  ];
  for (const agent of agents) {
    for (const url of [body.shareable_link, body.authorization_url]) {
      const page = await createBrowser(agent).open(url);
      t.match(page, { status: 200, text: /Open this page in your browser/ });
      t.notOk(page.visited.some((visited) => visited.startsWith(world.googleUrl)));
    }
  }
});

t.test(
  "denying, unticking the calendar and choosing another account connect nothing, and all are told",
  async (t) => {
    const world = await createWorld(t);
    const { body } = await world.connect("luna");
    const link = body.shareable_link;

    t.match(await world.consent(link, { action: "deny" }), { status: 403, text: /access_denied/ });
    t.match(await lastAttempt(world, "luna"), { outcome: "access_denied" });

    t.match(await world.consent(link, { granted: [] }), { status: 403, text: /scope_missing/ });
    t.match(await lastAttempt(world, "luna"), {
      outcome: "scope_missing",
      account_email: "luna@example.com",
    });

    const wrong = await world.consent(link, { account: "mallory@example.com" });
    t.match(wrong, {
      status: 403,
      text: /You chose mallory@example\.com, but this link is for luna@example\.com/,
    });
    t.match(await lastAttempt(world, "luna"), {
      outcome: "wrong_account",
      account_email: "mallory@example.com",
      message: /chose mallory@example\.com, but the link is for luna@example\.com/,
    });

    t.match(await world.call("luna", "get_available_slots", { date_iso: "2027-01-18" }), {
      error: { code: "not_connected" },
    });
    t.match((await world.api("GET", "/v1/customer-calendars/luna")).body, {
      status: "pending",
      calendar_connected: false,
    });
    t.match(await world.consent(link), { status: 200 }, "the same link still works");
  },
);

t.test(
  "any_account lets whoever consents connect; a gmail address matches however it is dotted",
  async (t) => {
    const world = await createWorld(t);
    const { body } = await world.connect("luna", { any_account: true });
    t.match(await world.consent(body.shareable_link, { account: "owner@example.com" }), { status: 200 });
    t.match((await world.api("GET", "/v1/customer-calendars/luna")).body, {
      calendar_email: "owner@example.com",
    });

    const dotted = await world.connect("sol", { customer_email: "Sol.Barber@gmail.com" });
    t.match(await world.consent(dotted.body.shareable_link, { account: "solbarber@gmail.com" }), {
      status: 200,
    });
  },
);

t.test("a callback whose state is missing, foreign or replayed connects nothing", async (t) => {
  const world = await createWorld(t);
  const { body } = await world.connect("luna");
  const callback = `${world.mcpUrl}/oauth/callback`;

  for (const query of ["", "?code=x", "?code=x&state=", "?code=x&state=foreign", "?state=a&state=b&code=x"]) {
    t.match(await createBrowser().open(callback + query), { status: 400, text: /state_invalid/ }, query);
  }

  const browser = createBrowser();
  const googlePage = await browser.submit(await browser.open(body.shareable_link));
  const stolen = new URL(googlePage.url).searchParams.get("state");
  t.match(
    await createBrowser().open(`${callback}?code=x&state=${stolen}`),
    { status: 400 },
    "another browser's state",
  );

  const cookies = await browser.jar.serialize();
  const done = await browser.submit(googlePage, { action: "allow" });
  t.equal(done.status, 200);
  const replay = createBrowser();
  for (const { key, value } of cookies.cookies)
    await replay.jar.setCookie(`${key}=${value}; Path=/`, world.mcpUrl);
  t.match(
    await replay.open(done.url),
    { status: 400, text: /state_invalid/ },
    "the same callback with its cookies",
  );
});

t.test("a callback without a code, with a bad one, or with another error connects nothing", async (t) => {
  const world = await createWorld(t);
  const { body } = await world.connect("luna");
  for (const answer of ["", "&code=", "&code=made-up", "&error=server_error"]) {
    const browser = createBrowser();
    const googlePage = await browser.submit(await browser.open(body.shareable_link));
    const state = new URL(googlePage.url).searchParams.get("state");
    const page = await browser.open(`${world.mcpUrl}/oauth/callback?state=${state}${answer}`);
    t.match(page, { status: 400, text: /exchange_failed/ }, answer);
  }
  t.match(await lastAttempt(world, "luna"), { outcome: "exchange_failed" });
});

t.test("a token endpoint that refuses, breaks or gives no refresh token connects nothing", async (t) => {
  const world = await createWorld(t, { requestTimeoutMs: 300 });
  const { body } = await world.connect("luna");
  const faults = [
    { status: 500 },
    { status: 200, body: "<html>garbage</html>" },
    { status: 200, body: '{"refresh_token":"1//half' },
    { status: 200, body: { access_token: "ya29.x", expires_in: 3599 } },
    { drop: true },
    { drop: "body" },
    { latency_ms: 1_000 },
    { drip_ms: 1_000 },
    { status: 307, headers: { location: `${world.googleUrl}/token` }, body: {} },
    // All right, but for its length.
    { id_token: { padding: "x".repeat(65_536) } },
  ];
  for (const fault of faults) {
    await world.sandbox("POST", "faults", { method: "POST", path: "/token", ...fault });
    t.match(
      await world.consent(body.shareable_link),
      { status: 502, text: /exchange_failed/ },
      JSON.stringify(fault),
    );
    await world.sandbox("DELETE", "faults");
  }

  t.notMatch(world.log.join(""), "1//half", "a broken answer's tokens are not in the log");
  await world.sandbox("POST", "faults", { path: "/token", status: 400, body: { error: "invalid_grant" } });
  t.match(await world.consent(body.shareable_link), { status: 400, text: /exchange_failed/ });
  t.match(world.log.join(""), '"reason":"code_refused"', "a code that isn't taken is no dead grant");
  await world.sandbox("DELETE", "faults");

  await world.sandbox("POST", "faults", { path: "/token", status: 401, body: { error: "invalid_client" } });
  t.match(await world.consent(body.shareable_link), { status: 502, text: /exchange_failed/ });
  t.match(world.log.join(""), /"level":50.*Google doesn't take our client/);
  await world.sandbox("DELETE", "faults");

  const grant = grantWithoutRefreshToken("luna@example.com", world.clock.now);
  await world.sandbox("POST", "faults", { method: "POST", path: "/token", status: 200, body: grant });
  t.match(await world.consent(body.shareable_link), { status: 403, text: /no_refresh_token/ });
  t.match((await world.api("GET", "/v1/customer-calendars/luna")).body, { calendar_connected: false });
});

t.test(
  "the pages speak the visitor's language, escape names and can't be framed, cached or scripted",
  async (t) => {
    const world = await createWorld(t);
    const { body } = await world.connect("luna", { customer_name: `<script>alert("x")</script>` });
    const languages = {
      "es-CO,es;q=0.9": "Conecta el calendario",
      "pt-BR": "Conecte a agenda",
      "fr, en": "Connect the",
    };
    for (const [accepted, words] of Object.entries(languages)) {
      const response = await fetch(body.shareable_link, { headers: { "accept-language": accepted } });
      const text = await response.text();
      t.match(text, words);
      t.notMatch(text, "<script>");
      t.match(Object.fromEntries(response.headers), {
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
        "x-robots-tag": "noindex, nofollow",
        "content-security-policy":
          /default-src 'none'.*form-action 'self' http:\/\/127.*frame-ancestors 'none'/,
      });
    }
  },
);

t.test("a configured success page is where the business ends", async (t) => {
  const world = await createWorld(t, { successUrl: "http://127.0.0.1:1/thanks" });
  const { body } = await world.connect("luna");
  await t.rejects(
    world.consent(body.shareable_link),
    { message: /fetch failed/ },
    "the browser was sent there",
  );
  t.match((await world.api("GET", "/v1/customer-calendars/luna")).body, { calendar_connected: true });
});

t.test("a link that is revoked or corrected while the business is at Google connects nothing", async (t) => {
  const world = await createWorld(t);
  const changes: ((link: string) => Promise<unknown>)[] = [
    () => world.api("DELETE", "/v1/customer-calendars/luna"),
    () => world.connect("luna", { renew: true }),
    () => world.connect("luna", { customer_email: "other@example.com" }),
  ];
  for (const change of changes) {
    const { body } = await world.connect("luna");
    await world.sandbox("POST", "faults", { method: "POST", path: "/token", latency_ms: 600, times: 1 });
    await world.sandbox("DELETE", "calls");
    const consent = world.consent(body.shareable_link, { account: "luna@example.com" });
    await untilCalled(() => world.sandbox("GET", "calls"), "POST /token");
    await change(body.shareable_link);
    t.match(await consent, { status: 410, text: /link_revoked/ });
    t.match((await world.api("GET", "/v1/customer-calendars/luna")).body, { calendar_connected: false });
  }
});

t.test("a link cut in the middle or mangled is refused without being repeated", async (t) => {
  const world = await createWorld(t);
  for (const base of [`${world.mcpUrl}/connect/secret`, `${world.adminUrl}/v1/customer-calendars/secret`]) {
    for (const end of ["%", "%ZZ", "x".repeat(500)]) {
      const response = await fetch(base + end, { headers: { authorization: `Bearer ${adminKey}` } });
      t.ok([400, 404].includes(response.status), `${response.status}`);
      t.notMatch(await response.text(), "secret");
    }
  }
});
