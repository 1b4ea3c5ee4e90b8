import t, { type Test } from "tap";
import { findTotpStep, toBase32, totpCodeOf } from "../apps/admin-api/src/people/totp.ts";
import { decode } from "./support/panel-pages.ts";
import { addPerson, cookieOf, login, password, send } from "./support/people.ts";
import type { World } from "./support/world.ts";
import { forEachWorld } from "./support/world-engines.ts";

const stepMs = 30_000;

t.test("codes are those of RFC 6238, appendix B", async (t) => {
  const secret = toBase32(Buffer.from("12345678901234567890"));
  const vectors = {
    59: "287082",
    1111111109: "081804",
    1234567890: "005924",
    2000000000: "279037",
    20000000000: "353130",
  };
  for (const [seconds, code] of Object.entries(vectors)) {
    t.equal(totpCodeOf(secret, Math.floor(Number(seconds) / 30)), code);
    t.equal(findTotpStep(secret, code, Number(seconds) * 1_000), Math.floor(Number(seconds) / 30));
    t.equal(findTotpStep(secret, code, Number(seconds) * 1_000 + 2 * stepMs), undefined);
  }
  for (const wrong of ["", "12345", "1234567", "abcdef"])
    t.equal(findTotpStep(secret, wrong, 59_000), undefined);
});

let now = Date.parse("2027-01-18T14:00:00Z");
const codeOf = (secret: string) => totpCodeOf(secret, Math.floor(now / stepMs));

/** Ana, who is an admin, and her calls about her second factor. */
async function addAna(world: World) {
  const ana = await addPerson(world, { email: "ana@example.com", role: "admin" });
  const totp = (method: string, body?: object) =>
    send(world.adminUrl, method, "/api/auth/totp", { bearer: ana.accessToken, ...(body && { body }) });
  return { ana, totp };
}

/** Ana with an authenticator. `codeNow` is what it shows. */
async function addAnaWithTotp(t: Test, world: World) {
  const { ana, totp } = await addAna(world);
  const { body: setup } = await totp("POST");
  const codeNow = () => codeOf(setup.secret);
  const { setup_token } = setup;
  t.equal((await totp("PUT", { setup_token, code: codeNow(), current_password: password })).status, 200);
  return { ana, totp, codeNow };
}

/** The panel's page for signing in. @returns what sends its form. */
async function openLogin(world: World) {
  const page = await send(world.adminUrl, "GET", "/login");
  const [, csrf = ""] = /name="csrf" value="([^"]+)"/.exec(page.text) ?? [];
  const sent = { cookie: cookieOf(page.headers), headers: { "sec-fetch-site": "same-origin" } };
  return (form: Record<string, string>) =>
    send(world.adminUrl, "POST", "/login", { ...sent, form: { csrf, next: "/clientes", ...form } });
}

const proofOf = (text: string) => /name="proof" value="([^"]+)"/.exec(decode(text))?.[1] ?? "";

forEachWorld(
  t,
  "a second factor is asked for, and each code counts once",
  { adminNow: () => now },
  async (t, world) => {
    const { totp } = await addAna(world);
    const { body: setup } = await totp("POST");
    t.match(setup.uri, /^otpauth:\/\/totp\/Cita:ana%40example\.com\?secret=[A-Z2-7]{32}&issuer=Cita$/);
    const codeNow = () => codeOf(setup.secret);
    const { setup_token } = setup;
    const enable = (changes: object) =>
      totp("PUT", { setup_token, code: codeNow(), current_password: password, ...changes });
    t.match(await enable({ code: "000000" }), { status: 400, body: { code: "invalid_code" } });
    t.match(await enable({ current_password: "wrong" }), { status: 401 });
    t.match(await enable({ setup_token: "x" }), { status: 400, body: { code: "invalid_code" } });
    const enabled = await enable({});
    t.equal(enabled.status, 200);
    const codes: string[] = enabled.body.recovery_codes;
    t.equal(new Set(codes).size, 10);
    const { body: another } = await totp("POST");
    const replaced = await totp("PUT", {
      ...{ setup_token: another.setup_token, current_password: password },
      code: codeOf(another.secret),
    });
    t.match(replaced, { status: 400, body: { code: "invalid_code" } }, "one doesn't take another's place");

    const signIn = (code?: string) =>
      login(world, { email: "ana@example.com", password, ...(code && { totp: code }) });
    t.match(await signIn(), { status: 401, body: { code: "totp_required" } });
    t.match(
      await signIn(codeNow()),
      { status: 401, body: { code: "invalid_credentials" } },
      "the code that enabled it",
    );
    now += stepMs;
    const both = await Promise.all([signIn(codeNow()), signIn(codeNow())]);
    t.strictSame(both.map(({ status }) => status).sort(), [200, 401], "of two at once one counts");
    const [recovery = ""] = codes;
    t.equal((await signIn(recovery.toLowerCase().replaceAll("-", " "))).status, 200);
    t.equal((await signIn(recovery)).status, 401);

    now += stepMs;
    t.match(await totp("DELETE", { code: "000000" }), { status: 400, body: { code: "invalid_code" } });
    t.equal((await totp("DELETE", { code: codeNow() })).status, 204);
    t.equal((await signIn()).status, 200);
  },
);

forEachWorld(
  t,
  "what is sealed for one step is refused at another",
  { adminNow: () => now },
  async (t, world) => {
    const { totp, codeNow } = await addAnaWithTotp(t, world);
    const enter = await openLogin(world);
    const firstStep = await enter({ email: "ana@example.com", password });
    const proof = proofOf(firstStep.text);
    now += stepMs;
    const { body: another } = await totp("POST");
    const withSetup = await enter({ proof: another.setup_token, totp: codeNow() });
    t.match(withSetup, { status: 401, text: /type="password"/ });

    t.equal((await totp("DELETE", { code: codeNow() })).status, 204);
    const withProof = await totp("PUT", { setup_token: proof, code: codeNow(), current_password: password });
    t.match(withProof, { status: 400, body: { code: "invalid_code" } });
  },
);

const behindProxy = { adminNow: () => now, variables: { TRUST_PROXY: "1" } };

forEachWorld(t, "who guesses codes is slowed, from wherever they come", behindProxy, async (t, world) => {
  const { totp, codeNow } = await addAnaWithTotp(t, world);
  const guess = (i: number, code = "000000") =>
    login(
      world,
      { email: "ana@example.com", password, totp: code },
      { headers: { "x-forwarded-for": `10.0.${i}.1` } },
    );
  const statuses: number[] = [];
  for (let i = 0; i < 14; i++) statuses.push((await guess(i)).status);
  t.strictSame(statuses, [...Array(10).fill(401), ...Array(4).fill(429)]);
  t.equal((await totp("DELETE", { code: "000000" })).status, 429, "there, too");
  for (let i = 20; i < 30; i++) {
    now += 301_000;
    t.equal((await guess(i)).status, 401, "one each five minutes at most");
    t.equal((await guess(i + 100)).status, 429);
  }
  now += 301_000;
  t.equal((await guess(200, codeNow())).status, 200, "the person gets in");
  now += stepMs;
  t.equal((await guess(201)).status, 401, "and what failed before is forgotten");
});

forEachWorld(
  t,
  "of two authenticators that are set up at once one counts",
  { adminNow: () => now },
  async (t, world) => {
    const { totp } = await addAna(world);
    const setups = [await totp("POST"), await totp("POST")];
    const answers = await Promise.all(
      setups.map(({ body: { setup_token, secret } }) =>
        totp("PUT", { setup_token, code: codeOf(secret), current_password: password }),
      ),
    );
    t.strictSame(answers.map(({ status }) => status).sort(), [200, 400]);
  },
);

forEachWorld(
  t,
  "the panel asks for the code alone once the password was right",
  { adminNow: () => now },
  async (t, world) => {
    const { ana, codeNow } = await addAnaWithTotp(t, world);
    now += stepMs;

    const enter = await openLogin(world);
    const firstStep = await enter({ email: "ana@example.com", password });
    t.match(firstStep, { status: 200, text: /name="totp"/ });
    t.notMatch(firstStep.text, /type="password"/);
    t.notMatch(firstStep.text, password);
    const proof = proofOf(firstStep.text);
    const wrong = await enter({ proof, totp: "000000" });
    t.match(wrong, { status: 401, text: /name="proof"/ }, "the next one is asked for in the same place");
    t.equal((await enter({ proof: "made up", totp: codeNow() })).status, 401);
    now += 6 * 60_000;
    t.match(await enter({ proof, totp: codeNow() }), { status: 401, text: /type="password"/ }, "too late");
    const again = await enter({ email: "ana@example.com", password });
    const fresh = proofOf(again.text);
    const inside = await enter({ proof: fresh, totp: codeNow() });
    t.equal(inside.headers.get("location"), "/clientes");
    await send(world.adminUrl, "PUT", "/api/auth/profile", {
      bearer: ana.accessToken,
      body: { current_password: password, password: "cuatro gatos pardos" },
    });
    now += stepMs;
    t.equal((await enter({ proof: fresh, totp: codeNow() })).status, 401, "nor with another password");
  },
);
