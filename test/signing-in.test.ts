import t from "tap";
import { addPerson, login, password, send, tokenOf, toSignedIn } from "./support/people.ts";
import { createWorld } from "./support/world.ts";
import { forEachWorld } from "./support/world-engines.ts";

forEachWorld(t, "somebody is invited, joins, signs in and out", {}, async (t, world) => {
  const { body: invited } = await world.api("POST", "/v1/users", { email: "Ana@Example.com", role: "admin" });
  t.match(invited, { user: { email: "ana@example.com", joined_at: null }, link: { sent: false } });
  const token = tokenOf(invited.link);
  const register = (changes: object) =>
    send(world.adminUrl, "POST", "/api/auth/register", {
      body: { token, name: "Ana", password, ...changes },
    });
  for (const weak of ["short", "1234567890", "ana@example.com", "passwordpassword"])
    t.match(await register({ password: weak }), { status: 400, body: { code: "weak_password" } });
  const [one, other] = await Promise.all([register({}), register({})]);
  t.strictSame([one.status, other.status].sort(), [201, 400], "of two at once one joins");
  t.match(await register({}), { status: 400, body: { code: "invalid_link" } });

  const answer = await login(world, { email: " ANA@example.com", password });
  t.match(answer, { status: 200, body: { user: { name: "Ana", role: "admin", is_active: true } } });
  const ana = toSignedIn(answer);
  const me = (sent: object) => send(world.adminUrl, "GET", "/api/auth/me", sent);
  t.match(await me({ bearer: ana.accessToken }), { status: 200, body: { user: { id: ana.user.id } } });
  t.match(await me({ cookie: ana.cookie }), { status: 200, body: { user: { id: ana.user.id } } });
  t.match(await me({}), { status: 401 });
  const out = await send(world.adminUrl, "POST", "/api/auth/logout", { bearer: ana.accessToken });
  t.equal(out.status, 204);
  t.equal((await me({ bearer: ana.accessToken })).status, 401, "the token ends with the session");
  t.equal((await me({ cookie: ana.cookie })).status, 401);
  const again = await send(world.adminUrl, "POST", "/api/auth/refresh", {
    body: { refresh_token: ana.refreshToken },
  });
  t.match(again, { status: 401, body: { code: "invalid_token" } });
});

t.test("what is wrong isn't told", async (t) => {
  const world = await createWorld(t);
  const bea = await addPerson(world, { email: "bea@example.com", role: "member" });
  const wrong = await login(world, { email: "bea@example.com", password: "another one" });
  const nobody = await login(world, { email: "nobody@example.com", password: "another one" });
  t.equal(wrong.status, 401);
  t.strictSame(wrong.body, nobody.body);
  const timeOf = async (email: string) => {
    const begun = performance.now();
    await login(world, { email, password: "another one" });
    return performance.now() - begun;
  };
  let [known, unknown] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let i = 0; i < 3; i++) {
    known = Math.min(known, await timeOf("bea@example.com"));
    unknown = Math.min(unknown, await timeOf("nobody@example.com"));
  }
  // Without the hash of a password it takes a tenth of the time.
  t.ok(Math.max(known, unknown) < 3 * Math.min(known, unknown), `${known} and ${unknown} ms`);
  await world.api("PATCH", `/v1/users/${bea.user.id}`, { is_active: false });
  t.strictSame((await login(world, { email: "bea@example.com", password })).body, wrong.body);
  t.equal((await send(world.adminUrl, "GET", "/api/auth/me", { bearer: bea.accessToken })).status, 401);
  const forgot = (email: string) =>
    send(world.adminUrl, "POST", "/api/auth/forgot-password", { body: { email } });
  const [asked, inVain] = [await forgot("bea@example.com"), await forgot("nobody@example.com")];
  t.equal(asked.status, 202);
  t.equal(asked.text, inVain.text);
  t.notMatch(world.log.join(""), "nobody@example.com");
});

let now = Date.parse("2027-01-18T14:00:00Z");
const behindProxy = { adminNow: () => now, variables: { TRUST_PROXY: "1" } };

forEachWorld(t, "who guesses is slowed, and nobody is locked out", behindProxy, async (t, world) => {
  await addPerson(world, { email: "ana@example.com", role: "admin" });
  const from = (address: string, tried: string, email = "ana@example.com") =>
    login(world, { email, password: tried }, { headers: { "x-forwarded-for": address } });
  const many = await Promise.all(Array.from({ length: 30 }, () => from("10.0.0.1", "wrong wrong")));
  t.equal(
    many.filter(({ status }) => status === 401).length,
    5,
    "exactly as many as are free, though sent at once",
  );
  t.equal(many.filter(({ status }) => status === 429).length, 25);
  const waiting = await from("10.0.0.1", password);
  t.match(waiting, { status: 429, body: { code: "too_many_attempts" } });
  t.equal((await from("10.0.0.2", password)).status, 200, "from elsewhere the person gets in");
  now += Number(waiting.headers.get("retry-after")) * 1_000;
  t.equal((await from("10.0.0.1", password)).status, 200, "and from there, too, after some seconds");

  for (let i = 0; i < 20; i++) await from("10.0.0.3", "wrong wrong", `user${i}@example.com`);
  t.equal((await from("10.0.0.3", "wrong wrong", "one-more@example.com")).status, 429, "by address, too");
  for (let i = 0; i < 12; i++) {
    now += 31_000;
    t.not((await from("10.0.0.3", "wrong wrong", "late@example.com")).status, 429, "at most 30 seconds");
  }
});

t.test("another password by a link ends what was open", async (t) => {
  const world = await createWorld(t);
  const ana = await addPerson(world, { email: "ana@example.com", role: "admin" });
  const { body: first } = await world.api("POST", `/v1/users/${ana.user.id}/links`, { kind: "reset" });
  const { body: link } = await world.api("POST", `/v1/users/${ana.user.id}/links`, { kind: "reset" });
  const reset = (token: string) =>
    send(world.adminUrl, "POST", "/api/auth/reset-password", {
      body: { token, password: "cuatro gatos pardos" },
    });
  t.match(await reset(tokenOf(first)), { status: 400, body: { code: "invalid_link" } }, "it was replaced");
  t.equal((await reset(tokenOf(link))).status, 204);
  t.equal((await reset(tokenOf(link))).status, 400);
  t.equal((await send(world.adminUrl, "GET", "/api/auth/me", { cookie: ana.cookie })).status, 401);
  t.equal((await login(world, { email: "ana@example.com", password })).status, 401);
  t.equal((await login(world, { email: "ana@example.com", password: "cuatro gatos pardos" })).status, 200);
});

t.test("one's own account is changed, and another password asks for the one before", async (t) => {
  const world = await createWorld(t);
  const ana = await addPerson(world, { email: "ana@example.com", role: "viewer" });
  const elsewhere = toSignedIn(await login(world, { email: "ana@example.com", password }));
  const profile = (body: object) =>
    send(world.adminUrl, "PUT", "/api/auth/profile", { body, bearer: ana.accessToken });
  t.match(await profile({ name: "Ana Pérez", language: "pt", avatar_url: "https://cita.example/a.png" }), {
    status: 200,
    body: { user: { name: "Ana Pérez", language: "pt", role: "viewer" } },
  });
  t.match(await profile({ role: "admin" }), { status: 400, body: { code: "invalid_request" } });
  t.match(await profile({ avatar_url: "javascript:alert(1)" }), { status: 400 });
  t.match(await profile({ password: "cuatro gatos pardos" }), { status: 401 });
  t.match(await profile({ password: "cuatro gatos pardos", current_password: "wrong" }), { status: 401 });
  t.equal((await profile({ password: "cuatro gatos pardos", current_password: password })).status, 200);
  t.equal((await send(world.adminUrl, "GET", "/api/auth/me", { bearer: ana.accessToken })).status, 200);
  t.equal((await send(world.adminUrl, "GET", "/api/auth/me", { bearer: elsewhere.accessToken })).status, 401);
});

t.test("the last admin stays one", async (t) => {
  const world = await createWorld(t);
  const [ana, bea] = [
    await addPerson(world, { email: "ana@example.com", role: "admin" }),
    await addPerson(world, { email: "bea@example.com", role: "admin" }),
  ];
  const demote = ({ user }: typeof ana, change: object) => world.api("PATCH", `/v1/users/${user.id}`, change);
  const both = await Promise.all([demote(ana, { role: "viewer" }), demote(bea, { is_active: false })]);
  t.strictSame(both.map(({ status }) => status).sort(), [200, 409]);
  t.match(await world.api("POST", "/v1/users", { email: "ANA@example.com", role: "viewer" }), {
    status: 409,
    body: { code: "email_taken" },
  });
});

forEachWorld(t, "a sign-in that began before another password was set is refused", {}, async (t, world) => {
  const ana = await addPerson(world, { email: "ana@example.com", role: "admin" });
  await addPerson(world, { email: "bea@example.com", role: "admin" });
  const { body: link } = await world.api("POST", `/v1/users/${ana.user.id}/links`, { kind: "reset" });
  const signIns = () =>
    Promise.all(Array.from({ length: 4 }, () => login(world, { email: ana.user.email, password })));
  const [, underWay] = await Promise.all([
    send(world.adminUrl, "POST", "/api/auth/reset-password", {
      body: { token: tokenOf(link), password: "cuatro gatos pardos" },
    }),
    signIns(),
  ]);
  const alive = async (answers: Awaited<ReturnType<typeof signIns>>) =>
    Promise.all(
      answers
        .filter(({ status }) => status === 200)
        .map(
          async ({ body }) =>
            (await send(world.adminUrl, "GET", "/api/auth/me", { bearer: body.access_token })).status,
        ),
    );
  t.notOk((await alive(underWay)).includes(200));

  const bea = (await world.api("GET", "/v1/users?q=bea@")).body.users[0].id;
  const deactivate = (is_active: boolean) => world.api("PATCH", `/v1/users/${bea}`, { is_active });
  const [duringIt] = await Promise.all([
    Promise.all(Array.from({ length: 4 }, () => login(world, { email: "bea@example.com", password }))),
    deactivate(false),
  ]);
  await deactivate(true);
  t.notOk((await alive(duringIt)).includes(200), "nor is one that began before the person was deactivated");
});
