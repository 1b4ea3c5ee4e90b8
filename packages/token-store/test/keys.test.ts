import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { type Database, openDatabase } from "@cita/database";
import t, { type Test } from "tap";
import { forEachDatabase } from "../../../test/support/test-database.ts";
import {
  checkKeys,
  createKeyRing,
  createSealedTokens,
  findDamagedConnections,
  generateFernetKey,
  type KeyRing,
  opensStored,
  parseFernetKey,
  rotateKeys,
  type SealedRows,
} from "../src/index.ts";
import type { TokenStoreTables } from "../src/schema.ts";
import { connect, google, openStore } from "./fixtures.ts";

const [older, newer] = [generateFernetKey(), generateFernetKey()] as const;
const fingerprintOf = (key: string) => parseFernetKey(key).fingerprint;
const lifetimeMs = 3_600_000;

function openFile(t: Test): Database {
  const db = openDatabase(`file:${join(t.testdir(), "calendar.db")}`);
  t.teardown(() => db.destroy());
  return db;
}

const tablesOf = (db: Database) => db.withTables<TokenStoreTables>();
const rowsOf = (db: Database) =>
  tablesOf(db).selectFrom("oauth_tokens").selectAll().orderBy("customer_id").execute();
const sealedAt = (token: string) => Buffer.from(token, "base64url").readBigUInt64BE(1);

/** What a readiness probe asks costs less, and says the same. */
async function reported(t: Test, deps: SealedRows) {
  const report = await checkKeys(deps);
  t.equal(await opensStored(deps), report.opens !== "nothing");
  return report;
}

forEachDatabase(
  t,
  "it is told how much is sealed with each key, and what a missing one leaves",
  async (t, database) => {
    const db = database.open();
    const old = { db, keys: createKeyRing(older) };
    t.match(await openStore(old).then(() => reported(t, old)), { opens: "everything", missing: [] });
    const store = await openStore(old);
    for (const customer of ["a", "b", "c"]) await connect(store, customer);
    await store.consentLinks.issue({ ...google("d"), lifetimeMs });

    const both = { db, keys: createKeyRing(`${newer},${older}`) };
    const use = { fingerprint: fingerprintOf(older), connections: 3, liveLinks: 1, deadLinks: 3 };
    t.strictSame(await reported(t, both), {
      keys: [
        {
          fingerprint: fingerprintOf(newer),
          configured: true,
          connections: 0,
          liveLinks: 0,
          deadLinks: 0,
        },
        { ...use, configured: true },
      ],
      missing: [],
      opens: "everything",
    });
    const wrong = { db, keys: createKeyRing(newer) };
    t.match(await reported(t, wrong), { opens: "nothing", missing: [{ ...use, configured: false }] });
    await connect(await openStore(wrong), "e");
    t.match(await reported(t, wrong), { opens: "part", missing: [{ fingerprint: fingerprintOf(older) }] });
  },
);

forEachDatabase(t, "links that are over need no key", async (t, database) => {
  const db = database.open();
  const store = await openStore({ db, keys: createKeyRing(older) });
  await store.consentLinks.issue({ ...google("a"), lifetimeMs });
  const wrong = { db, keys: createKeyRing(newer) };
  t.match(await reported(t, wrong), { opens: "nothing" });
  const later = () => new Date(Date.now() + lifetimeMs);
  t.match(await reported(t, { ...wrong, now: later }), { opens: "everything", missing: [] });
  await store.disconnect("a", true);
  t.match(await reported(t, wrong), { opens: "everything", missing: [] });
});

forEachDatabase(
  t,
  "links from before fingerprints were kept get theirs when a ring that opens them comes",
  async (t, database) => {
    const db = database.open();
    const store = await openStore({ db, keys: createKeyRing(older) });
    for (let i = 0; i < 3; i++) await store.consentLinks.issue({ ...google("a"), lifetimeMs, renew: true });
    await tablesOf(db).updateTable("consent_links").set({ key_fingerprint: null }).execute();

    const wrong = { db, keys: createKeyRing(newer) };
    await openStore(wrong);
    t.match(await reported(t, wrong), { opens: "nothing", missing: [{ fingerprint: null, liveLinks: 1 }] });
    const both = { db, keys: createKeyRing(`${newer},${older}`) };
    await openStore(both);
    t.match(await reported(t, both), { keys: [{}, { fingerprint: fingerprintOf(older), liveLinks: 1 }] });
  },
);

forEachDatabase(
  t,
  "rotation seals all with the first key; what it says, its version and its time stay",
  async (t, database) => {
    const db = database.open();
    const store = await openStore({ db, keys: createKeyRing(older) });
    for (const customer of ["a", "b"]) await connect(store, customer);
    const link = await store.consentLinks.issue({ ...google("c"), lifetimeMs });
    const before = await rowsOf(db);
    await sleep(1_100);

    const both = { db, keys: createKeyRing(`${newer},${older}`) };
    const progress: unknown[] = [];
    const rotation = await rotateKeys(createSealedTokens(both), (at) => progress.push(at));
    t.match(rotation, { resealed: 5, unopened: [], report: { missing: [] } });
    t.strictSame(progress, [
      { done: 2, total: 5 },
      { done: 5, total: 5 },
    ]);

    const after = await rowsOf(db);
    for (const [i, row] of after.entries()) {
      const { access_token, refresh_token, key_fingerprint, ...rest } = row;
      t.match(before[i], rest);
      t.equal(key_fingerprint, fingerprintOf(newer));
      t.not(refresh_token, before[i]?.refresh_token);
      t.equal(sealedAt(access_token), sealedAt(before[i]?.access_token ?? ""));
      t.equal(sealedAt(refresh_token ?? ""), sealedAt(before[i]?.refresh_token ?? ""));
    }
    const alone = await openStore({ db, keys: createKeyRing(newer) });
    t.match(await alone.connections.find(google("a")), { accessToken: "ya29.a", refreshToken: "1//a" });
    t.match(await alone.consentLinks.latest("c"), { link: { token: link.token } });
    t.match(await rotateKeys(createSealedTokens(both)), { resealed: 0 }, "there is nothing left to do");
  },
);

t.test("a refresh that read before the rotation still saves, and one in between is not undone", async (t) => {
  const db = openFile(t);
  await connect(await openStore({ db, keys: createKeyRing(older) }), "a");
  await connect(await openStore({ db, keys: createKeyRing(older) }), "b");
  const keys = createKeyRing(`${newer},${older}`);
  const store = await openStore({ db, keys });
  const tokenExpiry = new Date("2027-01-01T00:00:00Z");
  const [a, b] = await Promise.all([
    store.connections.find(google("a")),
    store.connections.find(google("b")),
  ]);
  if (a === undefined || b === undefined) throw new Error("not connected");

  // The rotation has read the row of a and not yet written it: that is when another process refreshes it.
  const otherProcess = new DatabaseSync(join(t.testdirName, "calendar.db"));
  t.teardown(() => otherProcess.close());
  const save = otherProcess.prepare(
    "update oauth_tokens set refresh_token = ?, version = version + 1 where customer_id = 'a' and version = ?",
  );
  let refreshed = false;
  const reseal: KeyRing["reseal"] = (place, token) => {
    if (place.customer_id === "a" && !refreshed) {
      refreshed = true;
      save.run(keys.seal({ ...place, field: "refresh_token" }, "1//rotated"), a.version);
    }
    return keys.reseal(place, token);
  };
  const rotation = await rotateKeys(createSealedTokens({ db, keys: { ...keys, reseal } }));
  t.ok(refreshed);
  t.match(rotation.report.keys, [{ connections: 2 }, { connections: 0 }]);
  t.match(await store.connections.find(google("a")), { accessToken: "ya29.a", refreshToken: "1//rotated" });
  t.equal(
    await store.connections.saveRefreshed(b, { accessToken: "late", tokenExpiry, renewAt: null }),
    true,
  );
  t.match(await store.connections.find(google("b")), { accessToken: "late", refreshToken: "1//b" });
});

forEachDatabase(
  t,
  "what is saved while keys are rotated is never lost, whoever comes first",
  async (t, database) => {
    const db = database.open();
    const customers = Array.from({ length: 20 }, (_, i) => `c${i}`);
    const store = await openStore({ db, keys: createKeyRing(older) });
    for (const customer of customers) await connect(store, customer);
    const keys = createKeyRing(`${newer},${older}`);
    const other = database.open();
    // A service that wasn't restarted: it still seals with the old key, as if the rotation hadn't begun.
    const services = [
      await openStore({ db: other, keys }),
      await openStore({ db: other, keys: createKeyRing(`${older},${newer}`) }),
    ];
    let rotating = true;
    let beaten = 0;
    const saved = new Map<string, string>();
    const refreshing = customers.map(async (customer, i) => {
      for (let turn = 0; rotating; turn++) {
        const service = services[(turn + i) % services.length];
        const connection = await service?.connections.find(google(customer));
        if (connection === undefined) throw new Error("not connected");
        await sleep(Math.random() * 4);
        const refreshToken = `1//${customer}-${turn}`;
        const tokens = { accessToken: `${turn}`, refreshToken, tokenExpiry: new Date(), renewAt: null };
        if (!(await service?.connections.saveRefreshed(connection, tokens))) beaten++;
        saved.set(customer, refreshToken);
      }
    });
    for (let i = 0; i < 5; i++) await rotateKeys(createSealedTokens({ db, keys }));
    rotating = false;
    await Promise.all(refreshing);
    t.equal(beaten, 0, "the rotation is no save");
    t.match(await rotateKeys(createSealedTokens({ db, keys })), { unopened: [], report: { missing: [] } });
    const alone = await openStore({ db, keys: createKeyRing(newer) });
    for (const customer of customers) {
      t.match(await alone.connections.find(google(customer)), { refreshToken: saved.get(customer) });
    }
  },
);

forEachDatabase(
  t,
  "what can't be opened is left as it is and named, and the rest is sealed anew",
  async (t, database) => {
    const db = database.open();
    const [lost, damagedOne] = [generateFernetKey(), "b"];
    for (const customer of ["a", damagedOne]) {
      await connect(await openStore({ db, keys: createKeyRing(older) }), customer);
    }
    await connect(await openStore({ db, keys: createKeyRing(lost) }), "c");
    const [, row] = await rowsOf(db);
    const bytes = Buffer.from(row?.refresh_token ?? "", "base64url");
    bytes[40] = (bytes[40] ?? 0) ^ 1;
    await tablesOf(db)
      .updateTable("oauth_tokens")
      .set({ refresh_token: bytes.toString("base64url") })
      .where("customer_id", "=", damagedOne)
      .execute();

    const both = { db, keys: createKeyRing(`${newer},${older}`) };
    t.strictSame(await findDamagedConnections(both), [google(damagedOne)]);
    const { resealed, unopened, report } = await rotateKeys(createSealedTokens(both));
    // The used links of a and b, too; that of c is over, so nobody misses its key.
    t.equal(resealed, 3);
    t.strictSame(unopened, [
      { customerId: "b", what: "connection", fingerprint: fingerprintOf(older) },
      { customerId: "c", what: "connection", fingerprint: fingerprintOf(lost) },
    ]);
    t.match(report, {
      opens: "part",
      keys: [{ connections: 1 }, { connections: 1 }, { configured: false, connections: 1 }],
    });

    const store = await openStore(both);
    t.match(await store.connections.find(google("a")), { refreshToken: "1//a" });
    await t.rejects(store.connections.find(google("b")), {
      code: "damaged",
      message: `The refresh_token stored for customer b is damaged: its key ${fingerprintOf(older)}`,
    });
    await t.rejects(store.connections.find(google("c")), {
      code: "key_missing",
      message: `sealed with key ${fingerprintOf(lost)}, which TOKEN_ENCRYPTION_KEY doesn't have`,
    });
    const later = await openStore({ ...both, now: () => new Date("2027-02-01T00:00:00Z") });
    const due = await later.connections.takeDueForRenewal("google", 10);
    t.strictSame(due.map((key) => key.customerId).sort(), ["a", "b"], "those without a key hold up nobody");
  },
);
