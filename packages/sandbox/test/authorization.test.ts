import t from "tap";
import {
  answerConsent,
  authorizationParams,
  CALENDAR_SCOPE,
  encode,
  form,
  type Params,
  startSandbox,
} from "./sandbox-session.ts";

const AUTH = "/o/oauth2/v2/auth";
const url = (overrides: Params = {}) => `${AUTH}?${encode(authorizationParams(overrides))}`;

/** The fields of a page's last form, as a browser would send them with one of its buttons. */
function fieldsOf(html: string): Params {
  const fields: Params = {};
  for (const [input] of html.slice(html.lastIndexOf("<form")).matchAll(/<input [^>]*>/g)) {
    const name = /name="([^"]*)"/.exec(input)?.[1];
    const value = /value="([^"]*)"/
      .exec(input)?.[1]
      ?.replaceAll(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)));
    if (name) fields[name] = value ?? "";
  }
  return fields;
}

t.test("a person picks an account, reads the scopes and allows them", async (t) => {
  const { app } = startSandbox(t);
  const chooser = await app.inject(url({ state: `a"b&c` }));
  t.equal(chooser.statusCode, 200);
  t.match(chooser.body, /SANDBOX/);
  t.match(chooser.body, /Choose an account/);

  const picked = { ...fieldsOf(chooser.body), account: "Ana@Example.com" };
  const consent = await app.inject(`${AUTH}?${encode(picked)}`);
  t.match(consent.body, /Signed in as <strong>ana@example.com/);
  t.match(consent.body, /View and edit events on all your calendars/);

  const back = await app.inject(form(AUTH, { ...fieldsOf(consent.body), action: "allow" }));
  t.equal(back.statusCode, 302);
  const location = new URL(String(back.headers.location));
  t.equal(location.origin + location.pathname, "http://localhost:60000/oauth/callback");
  t.equal(location.searchParams.get("state"), `a"b&c`);
  t.match(location.searchParams.get("code"), /^4\/0A/);
  t.match(location.searchParams.get("scope"), CALENDAR_SCOPE);
  t.equal(location.searchParams.get("authuser"), "0");
  t.equal(location.searchParams.get("prompt"), "consent");
});

t.test("login_hint skips the chooser, unless the client asks for it", async (t) => {
  const { app } = startSandbox(t);
  await answerConsent(app, { account: "known@example.com" });
  t.match(
    (await app.inject(url({ login_hint: "ana@example.com" }))).body,
    /Signed in as <strong>ana@example.com/,
  );

  const chooser = (await app.inject(url({ login_hint: "ana@example.com", prompt: "select_account consent" })))
    .body;
  t.match(chooser, /Choose an account/);
  t.match(chooser, /<button name="account" value="known@example.com"/);
  t.match(chooser, /name="account" required autocomplete="username" value="ana@example.com"/);

  t.match((await app.inject(url({ login_hint: "not an e-mail" }))).body, /Choose an account/);
});

t.test("denying, or unticking everything that was asked, is access_denied", async (t) => {
  const { app } = startSandbox(t);
  const denied = await answerConsent(app, { action: "deny" });
  t.strictSame(
    [...denied],
    [
      ["state", "the-state"],
      ["error", "access_denied"],
    ],
  );
  const nothing = await answerConsent(app, { scope: CALENDAR_SCOPE, granted: undefined });
  t.equal(nothing.get("error"), "access_denied");
});

t.test("prompt=none needs a person, so it goes back with an error", async (t) => {
  const { app } = startSandbox(t);
  const response = await app.inject(url({ prompt: "none" }));
  t.equal(new URL(String(response.headers.location)).searchParams.get("error"), "interaction_required");
});

t.test("requests that can't be trusted are pages, never redirects", async (t) => {
  const { app } = startSandbox(t);
  const refused: [Params, number, string][] = [
    [{ client_id: "someone-else" }, 401, "invalid_client"],
    [{ client_id: undefined }, 400, "invalid_request"],
    [{ redirect_uri: undefined }, 400, "invalid_request"],
    [{ redirect_uri: "https://example.com/cb" }, 400, "redirect_uri_mismatch"],
    [{ redirect_uri: "http://localhost.example.com/cb" }, 400, "redirect_uri_mismatch"],
    [{ redirect_uri: "http://user@localhost/cb" }, 400, "redirect_uri_mismatch"],
    [{ redirect_uri: "http://localhost/cb#part" }, 400, "redirect_uri_mismatch"],
    [{ redirect_uri: "javascript://localhost/%0aalert(1)" }, 400, "redirect_uri_mismatch"],
    [{ redirect_uri: "nonsense" }, 400, "redirect_uri_mismatch"],
    [{ response_type: "token" }, 400, "invalid_request"],
    [{ scope: undefined }, 400, "invalid_request"],
    [{ scope: "openid calendars" }, 400, "invalid_scope"],
    [{ scope: " " }, 400, "invalid_scope"],
    [{ code_challenge: undefined }, 400, "Code challenge is required"],
    [{ code_challenge: "short" }, 400, "invalid_request"],
    [{ code_challenge_method: "S512" }, 400, "invalid_request"],
    [{ access_type: "forever" }, 400, "invalid_request"],
    [{ prompt: "please" }, 400, "invalid_request"],
    [{ prompt: "none consent" }, 400, "invalid_request"],
    [{ state: ["one", "two"] }, 400, "single value: state"],
  ];
  for (const [overrides, status, word] of refused) {
    for (const response of [
      await app.inject(url(overrides)),
      await app.inject(
        form(AUTH, authorizationParams({ ...overrides, account: "ana@example.com", action: "allow" })),
      ),
    ]) {
      t.equal(response.statusCode, status, JSON.stringify(overrides));
      t.match(response.headers["content-type"], /^text\/html/);
      t.match(response.body, word);
      t.equal(response.headers.location, undefined);
    }
  }
});

t.test("what comes back from the consent page is checked again", async (t) => {
  const { app } = startSandbox(t);
  const answer = { account: "ana@example.com", action: "allow", granted: CALENDAR_SCOPE };
  for (const overrides of [
    { account: "nobody" },
    { account: undefined },
    { action: "perhaps" },
    { granted: "https://www.googleapis.com/auth/calendar" },
  ]) {
    const response = await app.inject(form(AUTH, authorizationParams({ ...answer, ...overrides })));
    t.equal(response.statusCode, 400, JSON.stringify(overrides));
    t.equal(response.headers.location, undefined);
  }
});

t.test("any loopback redirect URI is registered", async (t) => {
  const { app } = startSandbox(t);
  for (const redirect_uri of ["http://127.0.0.1:1/a", "https://localhost/x?y=1", "http://[::1]:8080/cb"]) {
    const response = await app.inject(url({ redirect_uri, login_hint: "ana@example.com" }));
    t.equal(response.statusCode, 200, redirect_uri);
  }
  const answer = await answerConsent(app, { redirect_uri: "http://localhost:1/cb?tenant=7" });
  t.equal(answer.get("tenant"), "7", "its own query stays");
});

t.test("browsers inside other apps are turned away", async (t) => {
  const { app } = startSandbox(t);
  const inApp = [
    "Mozilla/5.0 (Linux; Android 14; Pixel 8; wv) AppleWebKit/537.36 Chrome/120 Mobile Safari/537.36",
    "Mozilla/5.0 (iPhone) [FBAN/FBIOS;FBAV/443.0]",
    "Mozilla/5.0 (iPhone) Instagram 300.0",
    "WhatsApp/2.23",
  ];
  for (const agent of inApp) {
    const response = await app.inject({ url: url(), headers: { "user-agent": agent } });
    t.equal(response.statusCode, 403, agent);
    t.match(response.body, "disallowed_useragent");
  }
});

t.test("what a request says is escaped in the pages", async (t) => {
  const { app } = startSandbox(t);
  const { body } = await app.inject(url({ state: `"><script>alert(1)</script>` }));
  t.notMatch(body, "<script>");
});
