import { setTimeout as sleep } from "node:timers/promises";
import t, { type Test } from "tap";
import { createTestDatabase } from "../../../test/support/test-database.ts";
import { createAccessTokens, createKeyRing, generateFernetKey, type RefreshOutcome } from "../src/index.ts";
import { connect, google, openStore, refuse } from "./fixtures.ts";

const key = google("c1");
const at = Date.parse("2026-11-22T12:00:00Z");

/** A customer whose token ends so soon, and whose renewals end so. */
async function open(t: Test, expiresInMs: number, outcome: RefreshOutcome) {
  const clock = { now: at };
  const sent: (string | null)[] = [];
  const db = (await createTestDatabase(t, "sqlite")).open();
  const keys = createKeyRing(generateFernetKey());
  const store = await openStore({ db, keys, now: () => new Date(clock.now) });
  const tokenExpiry = new Date(at + expiresInMs);
  await connect(store, "c1", { accessToken: "old", refreshToken: "1//refresh", tokenExpiry });
  const tokens = createAccessTokens({
    connections: store.connections,
    now: () => clock.now,
    renewConnection: async ({ refreshToken }) => {
      sent.push(refreshToken);
      return outcome;
    },
  });
  const isLost = async () => (await store.connections.statuses(["c1"]))[0]?.reconnectRequiredSince !== null;
  return { clock, db, sent, tokens, isLost };
}

t.test(
  "a database that fails for a moment costs no access of a provider that rotates strictly",
  async (t) => {
    const renewed = { accessToken: "new", tokenExpiry: new Date(at + 3_600_000), renewAt: null };
    const { db, sent, tokens, isLost } = await open(t, 0, { kind: "ok", tokens: renewed });
    const letGo = await refuse(db, "update of access_token on oauth_tokens", "database or disk is full");
    const got = tokens.get(key);
    await sleep(100);
    await letGo();
    t.equal(await got, "new");
    t.equal(sent.length, 1, "the old refresh token would end the grant");
    t.notOk(await isLost());
  },
);

t.test("what has no renewal is used until it ends", async (t) => {
  const { clock, sent, tokens, isLost } = await open(t, 100_000, { kind: "not_renewable" });
  t.equal(await tokens.get(key), "old");
  await sleep(20);
  t.equal(sent.length, 1);
  t.notOk(await isLost());
  clock.now += 100_000;
  await t.rejects(tokens.get(key), { code: "reconnect_required" });
  t.ok(await isLost());
});
