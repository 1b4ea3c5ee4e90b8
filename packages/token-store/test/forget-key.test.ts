import t from "tap";
import { forEachDatabase } from "../../../test/support/test-database.ts";
import {
  checkKeys,
  createKeyRing,
  type Forgotten,
  forgetKey,
  generateFernetKey,
  parseFernetKey,
} from "../src/index.ts";
import type { TokenStoreTables } from "../src/schema.ts";
import { connect, google, openEvents, openStore } from "./fixtures.ts";

const [older, newer] = [generateFernetKey(), generateFernetKey()] as const;
const fingerprintOf = (key: string) => parseFernetKey(key).fingerprint;
const lifetimeMs = 3_600_000;

forEachDatabase(t, "what a lost key sealed can be given up, and nothing else", async (t, database) => {
  const db = database.open();
  const store = await openStore({ db, keys: createKeyRing(older) });
  await connect(store, "a");
  const link = await store.consentLinks.issue({ ...google("b"), lifetimeMs });
  const now = { db, keys: createKeyRing(newer) };
  await connect(await openStore(now), "c");

  const events = await openEvents(db);
  const forgetting = { ...now, events };
  await t.rejects(forgetKey(forgetting, fingerprintOf(newer)), { code: "key_configured" });
  t.strictSame(await forgetKey(forgetting, fingerprintOf(older)), { disconnected: ["a"], unlinked: ["b"] });
  t.match(await events.page({ limit: 2 }), [
    { customerId: "a", kind: "disconnected", data: { revoked: false } },
    { customerId: "b", kind: "link_revoked", data: { link_id: link.id } },
  ]);
  t.match(await checkKeys(now), { opens: "everything", missing: [] });
  t.match(await store.consentLinks.findByToken(link.token), { state: "revoked" });
  const later = await openStore(now);
  t.equal(await later.connections.find(google("a")), undefined);
  t.match(await later.connections.find(google("c")), { refreshToken: "1//c" });
});

forEachDatabase(
  t,
  "giving up what a lost key sealed can be stopped anywhere and begun again",
  async (t, database) => {
    const db = database.open();
    const store = await openStore({ db, keys: createKeyRing(older) });
    await connect(store, "a");
    await connect(store, "b");
    const tables = db.withTables<TokenStoreTables>();
    const rows = tables.selectFrom("oauth_tokens").selectAll();
    const [row] = await rows.execute();
    if (row === undefined) throw new Error("nothing is stored");
    const { connection_id: _id, ...copied } = row;
    const copies = Array.from({ length: 248 }, (_, i) => ({ ...copied, customer_id: `customer-${i}` }));
    await tables.insertInto("oauth_tokens").values(copies).execute();
    for (let i = 0; i < 120; i++) await store.consentLinks.issue({ ...google(`customer-${i}`), lifetimeMs });
    const events = await openEvents(db);
    const now = { db, keys: createKeyRing(newer), events };
    const told: string[] = [];
    for (let done = false; !done; ) {
      let isFirst = true;
      const onBatch = ({ disconnected, unlinked }: Forgotten) => {
        told.push(...disconnected, ...unlinked);
        t.ok(
          disconnected.length + unlinked.length <= 100,
          "others needn't wait for more than a hundred rows",
        );
        if (!isFirst) throw new Error("stopped");
        isFirst = false;
      };
      done = await forgetKey({ ...now, onBatch }, fingerprintOf(older)).then(
        () => true,
        () => false,
      );
    }
    t.strictSame(await rows.execute(), []);
    t.equal(told.length, 370, "each is told once");
    t.match(await checkKeys(now), { opens: "everything", missing: [] });
    const appended = await events.page({ limit: 1_000, kinds: ["disconnected", "link_revoked"] });
    t.equal(appended.length, 370, "and so is its event");
  },
);
