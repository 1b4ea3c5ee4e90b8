import t, { type Test } from "tap";
import { createBrowser } from "./support/browser.ts";
import { addPerson, login, send } from "./support/people.ts";
import { createWorld, sundayEvening, type World } from "./support/world.ts";

const createGoogleWorld = (t: Test) => createWorld(t, { adminNow: () => sundayEvening });

/** Somebody presses "Sign in with Google" and chooses an account there. */
async function signIn(
  world: World,
  email: string,
  { browser = createBrowser(), action = "allow", next = "/" } = {},
) {
  await world.sandbox("POST", "accounts", { email });
  const start = `${world.adminUrl}/login/google?next=${encodeURIComponent(next)}`;
  const question = new URL((await browser.open(start)).url);
  question.searchParams.set("account", email);
  const answered = await browser.submit(await browser.open(question.href), { action });
  const me = await browser.open(`${world.adminUrl}/api/auth/me`);
  return { browser, answered, me };
}

const problemOf = (url: string) => new URL(url).searchParams.get("problem");

t.test("who is a user signs in with the Google account of their address", async (t) => {
  const world = await createGoogleWorld(t);
  await addPerson(world, { email: "ana@example.com", role: "admin" });
  const { body } = await world.api("POST", "/v1/users", { email: "new@example.com", role: "viewer" });
  t.equal(body.user.joined_at, null);
  const ana = await signIn(world, "ana@example.com", { next: "/clientes?q=luna" });
  t.match(ana.me, { status: 200, text: /ana@example\.com/ });
  t.equal(ana.answered.url, `${world.adminUrl}/clientes?q=luna`);
  const joined = await signIn(world, "new@example.com");
  t.match(JSON.parse(joined.me.text).user, { email: "new@example.com", joined_at: String });
  const elsewhere = await signIn(world, "ana@example.com", { next: "//evil.example/" });
  t.equal(elsewhere.answered.url, `${world.adminUrl}/`);
  t.notMatch(world.log.join(""), /code=|id_token/);
});

t.test("nobody else gets in", async (t) => {
  const world = await createGoogleWorld(t);
  const ana = await addPerson(world, { email: "ana@example.com", role: "admin" });
  await addPerson(world, { email: "bea@example.com", role: "admin" });
  const stranger = await signIn(world, "stranger@example.com");
  t.equal(problemOf(stranger.answered.url), "google_unknown");
  t.equal(stranger.me.status, 401);
  const denied = await signIn(world, "ana@example.com", { action: "deny" });
  t.equal(problemOf(denied.answered.url), "google_denied");
  await world.api("PATCH", `/v1/users/${ana.user.id}`, { is_active: false });
  t.equal(problemOf((await signIn(world, "ana@example.com")).answered.url), "google_unknown");
  await world.api("PATCH", `/v1/users/${ana.user.id}`, { is_active: true });
  t.equal((await signIn(world, "ana@example.com")).me.status, 200);
  // The address is another account's by now.
  await world.sandbox("POST", "faults", { path: "/token", times: 1, id_token: { sub: "108204268033311" } });
  t.equal(problemOf((await signIn(world, "ana@example.com")).answered.url), "google_unknown");
});

t.test("an answer that isn't Google's, or is for others, signs nobody in", async (t) => {
  const world = await createGoogleWorld(t);
  await addPerson(world, { email: "ana@example.com", role: "admin" });
  const now = sundayEvening / 1_000;
  const wrong: Record<string, unknown>[] = [
    ...[{ iss: "https://accounts.google.com.evil.example" }, { aud: "another-client" }, { aud: null }],
    ...[{ aud: ["sandbox-client", "another-client"] }, { azp: "another-client" }, { exp: now - 301 }],
    ...[{ exp: null }, { iat: now + 400 }, { iat: now - 86_400 - 400 }, { sub: null }, { sub: "" }],
    ...[{ email: null }, { email_verified: false }, { email_verified: null }, { email_verified: "true" }],
    ...[{ nonce: "another" }, { nonce: null }],
  ];
  for (const id_token of wrong) {
    await world.sandbox("POST", "faults", { path: "/token", times: 1, id_token });
    const { answered, me } = await signIn(world, "ana@example.com");
    t.equal(problemOf(answered.url), "google_failed", JSON.stringify(id_token));
    t.equal(me.status, 401);
  }
  for (const fault of [{ status: 500 }, { status: 200, body: { access_token: "x", id_token: "a.b.c" } }]) {
    await world.sandbox("POST", "faults", { path: "/token", times: 1, ...fault });
    t.equal(problemOf((await signIn(world, "ana@example.com")).answered.url), "google_failed");
  }
  const other = createBrowser();
  const state = await other.open(`${world.adminUrl}/login/google/callback?code=x&state=${"x".repeat(43)}`);
  t.equal(problemOf(state.url), "google_failed", "a state that this browser wasn't given");
});

t.test("an account is bound only by an address that Google knows whose it is", async (t) => {
  const world = await createGoogleWorld(t);
  for (const email of ["ana@example.com", "bea@gmail.com"]) await addPerson(world, { email, role: "admin" });
  const elsewhere = () =>
    world.sandbox("POST", "faults", { path: "/token", times: 1, id_token: { hd: null } });
  await elsewhere();
  const unproven = await signIn(world, "ana@example.com");
  t.equal(problemOf(unproven.answered.url), "google_unproven");
  t.equal(unproven.me.status, 401);
  t.match(unproven.answered.text, "Google doesn’t vouch for whose address that is");
  t.equal((await signIn(world, "bea@gmail.com")).me.status, 200);
  t.equal((await signIn(world, "ana@example.com")).me.status, 200, "by its Workspace");
  await elsewhere();
  t.equal((await signIn(world, "ana@example.com")).me.status, 200, "once bound it is known");
});

t.test("the page says in three languages why nobody was signed in", async (t) => {
  const world = await createGoogleWorld(t);
  const said = new Set<string>();
  const problems = ["google_denied", "google_failed", "google_unknown", "google_unproven"];
  for (const language of ["es", "en", "pt"])
    for (const problem of problems) {
      const { text } = await send(world.adminUrl, "GET", `/login?problem=${problem}`, {
        headers: { "accept-language": language },
      });
      said.add(/class="note bad"[^>]*>(.*?)<\/div>/s.exec(text)?.[1] ?? "");
    }
  t.equal(said.size, 12);
  t.notOk(said.has(""));
  const { text } = await send(world.adminUrl, "GET", "/login?problem=made_up");
  t.notMatch(text, "note bad");
});

t.test("who has no password chooses one right after signing in, and not later", async (t) => {
  let now = sundayEvening;
  const world = await createWorld(t, { adminNow: () => now });
  await world.api("POST", "/v1/users", { email: "new@example.com", role: "viewer" });
  const { browser } = await signIn(world, "new@example.com");
  const change = async () => {
    const page = await browser.open(`${world.adminUrl}/cuenta`);
    const [, csrf = ""] = /name="csrf" value="([^"]+)"/.exec(page.text) ?? [];
    return send(world.adminUrl, "POST", "/cuenta/contrasena", {
      form: { csrf, password: "cuatro gatos pardos" },
      cookie: await browser.jar.getCookieString(world.adminUrl),
      headers: { "sec-fetch-site": "same-origin" },
    });
  };
  now += 16 * 60_000;
  t.match((await change()).text, "Por seguridad, sal y entra de nuevo");
  t.equal((await login(world, { email: "new@example.com", password: "cuatro gatos pardos" })).status, 401);
  await signIn(world, "new@example.com", { browser });
  t.equal((await change()).headers.get("location"), "/cuenta?saved=yes");
  t.equal((await login(world, { email: "new@example.com", password: "cuatro gatos pardos" })).status, 200);
});
