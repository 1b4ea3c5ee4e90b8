import { generateFernetKey } from "@cita/token-store";
import {
  createRemoteJWKSet,
  decodeProtectedHeader,
  exportJWK,
  generateKeyPair,
  jwtVerify,
  SignJWT,
} from "jose";
import t from "tap";
import { startAnotherAdminApi } from "./support/another-admin-api.ts";
import { addPerson, send } from "./support/people.ts";
import { createWorld } from "./support/world.ts";
import { forEachWorld } from "./support/world-engines.ts";

const begin = Date.parse("2027-01-18T14:00:00Z");
const dayMs = 86_400_000;

const me = (world: { adminUrl: string }, bearer: string) =>
  send(world.adminUrl, "GET", "/api/auth/me", { bearer });
const refresh = (world: { adminUrl: string }, refresh_token: string) =>
  send(world.adminUrl, "POST", "/api/auth/refresh", { body: { refresh_token } });

t.test("others verify a token by the published keys, and it says no more than it should", async (t) => {
  const world = await createWorld(t);
  const ana = await addPerson(world, { email: "ana@example.com", role: "admin" });
  const keys = createRemoteJWKSet(new URL(`${world.adminUrl}/.well-known/jwks.json`));
  const expected = { issuer: world.adminUrl, audience: "cita", algorithms: ["EdDSA"] };
  const { payload, protectedHeader } = await jwtVerify(ana.accessToken, keys, expected);
  t.match(protectedHeader, { alg: "EdDSA", typ: "JWT" });
  t.strictSame(Object.keys(payload).sort(), [
    "aud",
    "email",
    "exp",
    "iat",
    "iss",
    "role",
    "sid",
    "sub",
    "userId",
  ]);
  t.match(payload, { sub: ana.user.id, userId: ana.user.id, email: "ana@example.com", role: "admin" });
  t.equal((payload.exp ?? 0) - (payload.iat ?? 0), 900);
  const published = await send(world.adminUrl, "GET", "/.well-known/jwks.json");
  t.match(published.body.keys, [{ kty: "OKP", crv: "Ed25519", alg: "EdDSA", use: "sig" }]);
  t.notMatch(published.text, /"d"/, "no private part");
});

t.test("a token that is forged, for others, or too old is nobody's", async (t) => {
  let now = begin;
  const variables = { FAILED_KEYS_PER_MINUTE: "1000" };
  const world = await createWorld(t, { adminNow: () => now, variables });
  const ana = await addPerson(world, { email: "ana@example.com", role: "admin" });
  const [header = "", payload = "", signature = ""] = ana.accessToken.split(".");
  const { kid } = decodeProtectedHeader(ana.accessToken);
  const claims = JSON.parse(Buffer.from(payload, "base64url").toString());
  const { privateKey, publicKey } = await generateKeyPair("EdDSA");
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const signed = (protectedHeader: object, changes: object = {}) =>
    new SignJWT({ ...claims, ...changes })
      .setProtectedHeader({ alg: "EdDSA", typ: "JWT", ...protectedHeader })
      .sign(privateKey);
  const forged = {
    "no signature": `${encode({ alg: "none" })}.${payload}.`,
    "no signature, and a kid": `${encode({ alg: "none", kid })}.${payload}.`,
    "another payload": `${header}.${encode({ ...claims, sub: "somebody" })}.${signature}`,
    "another's key under our kid": await signed({ kid }),
    "an unknown kid": await signed({ kid: "nobody's" }),
    "no kid": await signed({}),
    "a key within": await signed({ jwk: await exportJWK(publicKey) }),
    "a key elsewhere": await signed({ jku: "https://evil.example/jwks.json", kid: "theirs" }),
    "HMAC with the public key": `${encode({ alg: "HS256", kid })}.${payload}.${signature}`,
    cut: ana.accessToken.slice(0, -2),
    nothing: "..",
  };
  for (const [name, token] of Object.entries(forged)) {
    t.match(await me(world, token), { status: 401, body: { code: "unauthorized" } }, name);
    t.equal(
      (await send(world.adminUrl, "GET", "/api/auth/me", { bearer: token, cookie: ana.cookie })).status,
      401,
    );
  }
  t.equal((await me(world, ana.accessToken)).status, 200);
  now += 899_000;
  t.equal((await me(world, ana.accessToken)).status, 200);
  now += 2_000;
  t.equal((await me(world, ana.accessToken)).status, 401, "its time is over");
});

forEachWorld(
  t,
  "a refresh token counts once, and one that is used again ends the session",
  {},
  async (t, world) => {
    const ana = await addPerson(world, { email: "ana@example.com", role: "admin" });
    const [one, other] = await Promise.all([
      refresh(world, ana.refreshToken),
      refresh(world, ana.refreshToken),
    ]);
    t.match([one.status, other.status], [200, 200]);
    t.equal(one.body.refresh_token, other.body.refresh_token, "two at once get the same next one");
    t.equal((await me(world, one.body.access_token)).status, 200);
    const next = await refresh(world, one.body.refresh_token);
    t.equal(next.status, 200);
    for (const wrong of ["", "x".repeat(43), ana.accessToken])
      t.match(await refresh(world, wrong), { status: 401, body: { code: "invalid_token" } });
  },
);

t.test("a stolen refresh token is noticed, whoever uses it second", async (t) => {
  let now = begin;
  const world = await createWorld(t, { adminNow: () => now });
  const ana = await addPerson(world, { email: "ana@example.com", role: "admin" });
  const first = await refresh(world, ana.refreshToken);
  now += 11_000;
  t.match(await refresh(world, ana.refreshToken), { status: 401, body: { code: "invalid_token" } });
  t.equal((await refresh(world, first.body.refresh_token)).status, 401, "neither goes on");
  t.equal((await me(world, first.body.access_token)).status, 401);
  t.equal((await send(world.adminUrl, "GET", "/api/auth/me", { cookie: ana.cookie })).status, 401);
  const { body } = await world.api("GET", "/v1/people-activity?limit=1");
  t.match(body.activity, [{ kind: "refresh_token_reused", user: { id: ana.user.id } }]);
});

t.test("refresh tokens end after a week, sessions when nobody uses them", async (t) => {
  let now = begin;
  const world = await createWorld(t, { adminNow: () => now });
  const ana = await addPerson(world, { email: "ana@example.com", role: "admin" });
  now += 7 * dayMs + 1_000;
  t.equal((await refresh(world, ana.refreshToken)).status, 401);
  const byCookie = () => send(world.adminUrl, "GET", "/api/auth/me", { cookie: ana.cookie });
  for (let days = 7; days <= 85; days += 13) {
    t.equal((await byCookie()).status, 200, `day ${days}`);
    now += 13 * dayMs;
  }
  now = begin + 89 * dayMs;
  t.equal((await byCookie()).status, 200);
  now = begin + 90 * dayMs + 1_000;
  t.equal((await byCookie()).status, 401, "however often it was used");
  const bea = await addPerson(world, { email: "bea@example.com", role: "viewer" });
  now += 14 * dayMs + 1_000;
  t.equal((await send(world.adminUrl, "GET", "/api/auth/me", { cookie: bea.cookie })).status, 401);
});

/** Days on which somebody refreshes: around each change, and within a week of the time before. */
const days = [0, 6, 12, 18, 24, 28, 29, 30, 31, 37, 43, 49, 55, 58, 59, 60, 61];
let today = begin;
const inTime = { adminNow: () => today };

forEachWorld(t, "keys change each month, and no token is refused for it", inTime, async (t, world) => {
  today = begin;
  const ana = await addPerson(world, { email: "ana@example.com", role: "admin" });
  let { refreshToken } = ana;
  const kids = new Set<string | undefined>();
  let known: string[] = [];
  for (const day of days) {
    today = begin + day * dayMs;
    const answer = await refresh(world, refreshToken);
    refreshToken = answer.body.refresh_token;
    const { kid = "" } = decodeProtectedHeader(answer.body.access_token);
    if (day > 0) t.ok(known.includes(kid), `day ${day}: the key was published before`);
    kids.add(kid);
    t.equal((await me(world, answer.body.access_token)).status, 200);
    const published = await send(world.adminUrl, "GET", "/.well-known/jwks.json");
    known = published.body.keys.map((key: { kid: string }) => key.kid);
    t.ok(known.length <= 3, `day ${day}: ${known.length} keys`);
  }
  t.equal(kids.size, 3);
});

t.test("keys that another ADMIN_ENCRYPTION_KEY has sealed verify nothing", async (t) => {
  const world = await createWorld(t);
  const ana = await addPerson(world, { email: "ana@example.com", role: "admin" });
  const { kid } = decodeProtectedHeader(ana.accessToken);
  const adminUrl = await startAnotherAdminApi(t, world, { ADMIN_ENCRYPTION_KEY: generateFernetKey() });
  const { body } = await send(adminUrl, "GET", "/.well-known/jwks.json");
  t.equal(body.keys.length, 1);
  t.not(body.keys[0].kid, kid);
  t.equal((await send(adminUrl, "GET", "/api/auth/me", { bearer: ana.accessToken })).status, 401);
  const again = await send(adminUrl, "POST", "/api/auth/refresh", {
    body: { refresh_token: ana.refreshToken },
  });
  t.equal(again.status, 200, "who was signed in gets another token");
  t.equal((await send(adminUrl, "GET", "/api/auth/me", { bearer: again.body.access_token })).status, 200);
});

forEachWorld(t, "whatever a stranger names as the key, nobody is let in", {}, async (t, world) => {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");
  for (const kid of [{ a: 1 }, ["x"], 7, null, "\0", "", "../x", "x".repeat(10_000)]) {
    const token = `${encode({ alg: "EdDSA", typ: "JWT", kid })}.${encode({ sub: "x" })}.${encode({})}`;
    t.equal((await me(world, token)).status, 401, JSON.stringify(kid).slice(0, 20));
  }
});
