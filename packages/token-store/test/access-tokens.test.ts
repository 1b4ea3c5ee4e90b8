import { mock } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import t, { type Test } from "tap";
import { createTestDatabase, engines } from "../../../test/support/test-database.ts";
import { createAccessTokens, createKeyRing, generateFernetKey, type RefreshOutcome } from "../src/index.ts";
import { connect, google, openStore, refuse } from "./fixtures.ts";

const key = google("c1");
const at = Date.parse("2026-11-22T12:00:00Z");
const dayMs = 86_400_000;

type EngineName = (typeof engines)[number];

async function connected(t: Test, expiresInMs: number, engine: EngineName = "sqlite") {
  const clock = { now: at };
  const db = (await createTestDatabase(t, engine)).open();
  const store = await openStore({
    db,
    keys: createKeyRing(generateFernetKey()),
    now: () => new Date(clock.now),
  });
  await connect(store, "c1", {
    accessToken: "old",
    refreshToken: "1//refresh",
    tokenExpiry: new Date(at + expiresInMs),
  });
  const sent: (string | null)[] = [];
  const accessTokens = (answer: () => Promise<RefreshOutcome> | RefreshOutcome) =>
    createAccessTokens({
      connections: store.connections,
      now: () => clock.now,
      renewConnection: async ({ refreshToken }) => {
        sent.push(refreshToken);
        return answer();
      },
    });
  return { db, store, sent, accessTokens, clock };
}

/** For what several processes do with leases. */
function onEachEngine(name: string, test: (t: Test, engine: EngineName) => Promise<void>): void {
  for (const engine of engines) void t.test(`${name} (${engine})`, (t) => test(t, engine));
}

/** Whatever was begun in the background has been done, as far as it can be without a timer. */
const settled = () => sleep(20);

const renewed = (accessToken: string): RefreshOutcome => ({
  kind: "ok",
  tokens: { accessToken, tokenExpiry: new Date(at + 3_600_000), renewAt: new Date(at + 30 * dayMs) },
});

t.test("a token that is good for long is used as it is", async (t) => {
  const { accessTokens, sent } = await connected(t, 400_000);
  t.equal(await accessTokens(() => renewed("new")).get(key), "old");
  await settled();
  t.strictSame(sent, []);
});

t.test(
  "one that is good for little longer is renewed ahead of time, and nobody waits for that",
  async (t) => {
    const { accessTokens, sent } = await connected(t, 61_000);
    const tokens = accessTokens(() => renewed("new"));
    t.equal(await tokens.get(key), "old");
    await settled();
    t.equal(await tokens.get(key), "new");
    t.equal(sent.length, 1);

    const failing = await connected(t, 61_000);
    const unlucky = failing.accessTokens(() => ({ kind: "transient", reason: "503" }));
    t.equal(await unlucky.get(key), "old");
    await settled();
    t.equal(await unlucky.get(key), "old", "a failure is nobody's concern yet");
  },
);

onEachEngine("of several processes one refreshes, and all get its token", async (t, engine) => {
  const { accessTokens, sent } = await connected(t, 0, engine);
  const answer = async () => {
    await sleep(200);
    return renewed("new");
  };
  const processes = [1, 2, 3].map(() => accessTokens(answer));
  const got = await Promise.all(
    processes.flatMap((tokens) => Array.from({ length: 70 }, () => tokens.get(key))),
  );
  t.strictSame(new Set(got), new Set(["new"]));
  t.equal(sent.length, 1);
});

onEachEngine(
  "a process that died while it refreshed keeps others waiting no longer than its lease",
  async (t, engine) => {
    const { accessTokens, sent, clock } = await connected(t, 0, engine);
    const dead = accessTokens(() => new Promise<RefreshOutcome>(() => undefined));
    void dead.get(key);
    while (sent.length === 0) await settled();
    const waiting = accessTokens(() => renewed("new")).get(key);
    await sleep(150);
    t.equal(sent.length, 1, "it waits");
    clock.now += 8_000;
    t.equal(await waiting, "new");
    t.equal(sent.length, 2);
  },
);

onEachEngine(
  "a lease that was taken by a clock that was ahead keeps nobody waiting for an hour",
  async (t, engine) => {
    const { accessTokens, sent, clock } = await connected(t, -3_600_000, engine);
    clock.now += 3_600_000;
    const dead = accessTokens(() => new Promise<RefreshOutcome>(() => undefined));
    void dead.get(key);
    while (sent.length === 0) await settled();
    clock.now -= 3_600_000;
    t.equal(await accessTokens(() => renewed("new")).get(key), "new");
  },
);

t.test("who was refused a token isn't given it by one who renews it ahead of time", async (t) => {
  const { accessTokens, sent } = await connected(t, 100_000);
  const answers = [Promise.withResolvers<RefreshOutcome>(), Promise.withResolvers<RefreshOutcome>()];
  const [first, second] = answers.map(({ promise }) => accessTokens(() => promise));
  void first?.get(key, "old");
  while (sent.length === 0) await settled();
  const early = second?.get(key);
  const refused = second?.get(key, "old");
  t.equal(await early, "old", "while another process renews it, what is good is used");
  await settled();
  answers[0]?.resolve(renewed("new"));
  t.equal(await refused, "new");
  t.equal(sent.length, 1);
});

t.test("a provider that asks us to wait isn't asked before its time", async (t) => {
  const { accessTokens, sent, store } = await connected(t, 0);
  const answers: RefreshOutcome[] = [
    { kind: "rate_limited", reason: "429", retryAfterMs: 100 },
    renewed("new"),
  ];
  const tokens = accessTokens(() => answers.shift() ?? renewed("newer"));
  const refused = { code: "refresh_rate_limited" };
  await t.rejects(tokens.get(key), refused);
  await t.rejects(tokens.get(key), refused);
  t.equal(sent.length, 1);
  await sleep(110);
  t.equal(await tokens.get(key), "new");
  t.match(await store.connections.statuses(["c1"]), [{ reconnectRequiredSince: null }]);
});

/** Lets mocked time go on until something has ended. */
async function whileTicking<Result>(work: Promise<Result>): Promise<Result> {
  let hasEnded = false;
  const end = () => {
    hasEnded = true;
  };
  work.then(end, end);
  while (!hasEnded) {
    await new Promise(setImmediate);
    mock.timers.tick(50);
  }
  return work;
}

t.test("while what was renewed can't be stored the provider is left in peace", async (t) => {
  const { accessTokens, db, sent } = await connected(t, 0);
  mock.timers.enable({ apis: ["setTimeout"] });
  t.teardown(() => mock.timers.reset());
  const letGo = await refuse(db, "update of access_token on oauth_tokens", "database or disk is full");
  const tokens = accessTokens(() => renewed("newer"));
  const unsaved = { code: "refresh_failed", message: "could not be stored" };
  await t.rejects(whileTicking(tokens.get(key)), {
    ...unsaved,
    cause: { message: "database or disk is full" },
  });
  for (let call = 0; call < 3; call++) await t.rejects(tokens.get(key), unsaved);
  t.equal(sent.length, 1);

  await letGo();
  t.equal(await accessTokens(() => renewed("new")).get(key), "new", "another process needn't wait");
  t.equal(await tokens.get(key), "new", "nor does this one, for what another has stored");
  await t.rejects(tokens.get(key, "new"), unsaved);
  mock.timers.tick(10_000);
  t.equal(await tokens.get(key, "new"), "newer");
  t.equal(sent.length, 3);
});

t.test("what a call was refused for good counts while its token is the customer's, and once", async (t) => {
  const { accessTokens, store } = await connected(t, 3_600_000);
  const tokens = accessTokens(() => renewed("new"));
  await tokens.requireReconnect(key, "another", "insufficientPermissions");
  t.equal(await tokens.get(key), "old");
  await tokens.requireReconnect(key, "old", "insufficientPermissions");
  await tokens.requireReconnect(key, "old", "later");
  await t.rejects(tokens.get(key), { code: "reconnect_required" });
  t.match(await store.connections.statuses(["c1"]), [{ reconnectReason: "insufficientPermissions" }]);
});

t.test("one that failed gives the right back at once", async (t) => {
  const { accessTokens } = await connected(t, 0);
  await t.rejects(accessTokens(() => ({ kind: "transient", reason: "503" })).get(key), {
    code: "refresh_failed",
  });
  t.equal(await accessTokens(() => renewed("new")).get(key), "new");
});

t.test("an idle grant is renewed on demand, whatever its token's age", async (t) => {
  const { accessTokens, store, clock } = await connected(t, 3_600_000);
  const due = (provider = "google") => store.connections.takeDueForRenewal(provider, 10);
  clock.now = Date.parse("2027-01-21T11:59:59.999Z");
  t.strictSame(await due(), []);
  clock.now += 1;
  t.strictSame(await due("another"), []);
  t.strictSame(await due(), [key]);
  const later = { accessToken: "new", tokenExpiry: new Date(clock.now), renewAt: new Date(clock.now + 1) };
  await accessTokens(() => ({ kind: "ok", tokens: later })).renew(key);
  t.strictSame(await due(), []);
  t.match(await store.connections.find(key), { accessToken: "new", refreshToken: "1//refresh" });
});

t.test("those whose renewal fails hold up nobody", async (t) => {
  const { store, clock } = await connected(t, 3_600_000);
  await connect(store, "c2", { renewAt: new Date("2027-01-22T12:00:00Z") });
  clock.now = Date.parse("2027-01-23T12:00:00Z");
  const take = async () =>
    (await store.connections.takeDueForRenewal("google", 1)).map(({ customerId }) => customerId);
  t.strictSame([await take(), await take(), await take()], [["c1"], ["c2"], []]);
  clock.now += 86_400_000;
  t.strictSame([...(await take()), ...(await take())].sort(), ["c1", "c2"]);
});

t.test("a hundred callers cause one refresh and all get its token", async (t) => {
  const { accessTokens, sent } = await connected(t, 59_000);
  const tokens = accessTokens(() => renewed("new"));
  const got = await Promise.all(Array.from({ length: 100 }, () => tokens.get(key)));
  t.strictSame(new Set(got), new Set(["new"]));
  t.strictSame(sent, ["1//refresh"]);
  t.equal(await tokens.get(key), "new");
  t.equal(sent.length, 1);
});

t.test("a token the provider rejected is renewed although it hasn't expired", async (t) => {
  const { accessTokens, sent } = await connected(t, 3_600_000);
  t.equal(await accessTokens(() => renewed("new")).get(key, "old"), "new");
  t.equal(sent.length, 1);
});

t.test("a passing fault disconnects nobody", async (t) => {
  const { accessTokens, store } = await connected(t, 0);
  const codes = {
    transient: "refresh_failed",
    rate_limited: "refresh_rate_limited",
    misconfigured: "refresh_misconfigured",
  };
  for (const [kind, code] of Object.entries(codes) as [
    "transient" | "rate_limited" | "misconfigured",
    string,
  ][]) {
    await t.rejects(accessTokens(() => ({ kind, reason: "test" })).get(key), { code });
  }
  t.match(await store.connections.statuses(["c1"]), [{ reconnectRequiredSince: null }]);
  t.equal(await accessTokens(() => renewed("new")).get(key), "new");
});

t.test("a dead grant is recorded once and not asked for again", async (t) => {
  const { accessTokens, store, sent } = await connected(t, 0);
  const tokens = accessTokens(() => ({ kind: "reauth_required", reason: "invalid_grant" }));
  await t.rejects(tokens.get(key), { code: "reconnect_required" });
  await t.rejects(tokens.get(key), { code: "reconnect_required" });
  t.equal(sent.length, 1);
  t.match(await store.connections.statuses(["c1"]), [{ reconnectReason: "invalid_grant" }]);
});

t.test("a verdict on tokens that were replaced meanwhile doesn't count", async (t) => {
  const { accessTokens, store } = await connected(t, 0);
  const tokens = accessTokens(async () => {
    const current = await store.connections.find(key);
    if (current === undefined) throw new Error("not connected");
    await store.connections.saveRefreshed(current, {
      accessToken: "theirs",
      tokenExpiry: new Date(at + 3_600_000),
      renewAt: null,
    });
    return { kind: "reauth_required", reason: "invalid_grant" };
  });
  t.equal(await tokens.get(key), "theirs");
});

t.test("an unknown customer is not connected", async (t) => {
  const { accessTokens } = await connected(t, 0);
  await t.rejects(accessTokens(() => renewed("x")).get({ ...key, customerId: "c2" }), {
    code: "not_connected",
  });
});
