import { join } from "node:path";
import { migrate, openDatabase } from "@cita/database";
import { sql } from "kysely";
import t, { type Test } from "tap";
import { createKeyRing, generateFernetKey, tokenStoreMigrations } from "../src/index.ts";
import { hashSecret } from "../src/key-ring.ts";
import type { TokenStoreTables } from "../src/schema.ts";
import { openStore } from "./fixtures.ts";

const [older, newer] = [generateFernetKey(), generateFernetKey()] as const;

/** A database from before a step. @param before a prefix of the step's name */
async function openEarlier(t: Test, before = "0009") {
  const db = openDatabase(`file:${join(t.testdir(), "calendar.db")}`);
  t.teardown(() => db.destroy());
  const steps = Object.entries(tokenStoreMigrations.migrations);
  const earlier = Object.fromEntries(steps.filter(([name]) => name < before));
  await migrate(db, { ...tokenStoreMigrations, migrations: earlier });
  return db;
}

t.test("links that were sealed with a provider are sealed anew once their key is there", async (t) => {
  const db = await openEarlier(t);
  const [token, hash] = ["t".repeat(43), hashSecret("t".repeat(43))] as const;
  const old = createKeyRing(older);
  const place = { customer_id: "a", provider: "google", field: `consent_link:${hash}` };
  const sealed = old.seal(place, token);
  await sql`insert into consent_links (customer_id, provider, token_hash, token_sealed, key_fingerprint, any_account,
      account_id, created_at, expires_at)
    values ('a', 'google', ${hash}, ${sealed}, ${old.primaryFingerprint}, 0, '1', '2026-11-29', '9999')`.execute(
    db,
  );
  await sql`insert into consent_attempts (link_id, state_hash, started_at, outcome, returned_at)
    values (1, 'state', '2026-11-29', 'access_denied', '2026-11-29')`.execute(db);
  const rows = () =>
    db
      .withTables<TokenStoreTables>()
      .selectFrom("consent_links")
      .select(["token_sealed", "sealed_with_provider"])
      .execute();

  await openStore({ db, keys: createKeyRing(newer) });
  t.strictSame(await rows(), [{ token_sealed: sealed, sealed_with_provider: 1 }], "without its key it waits");
  const store = await openStore({ db, keys: createKeyRing(`${newer},${older}`) });
  t.match(await rows(), [{ sealed_with_provider: 0 }]);
  t.match(await store.consentLinks.latest("a"), {
    link: { token, provider: "google", accountId: "1" },
    lastAttempt: { provider: "google", outcome: "access_denied" },
  });
  const [row] = await rows();
  const now = createKeyRing(newer);
  t.equal(now.open({ customer_id: "a", field: place.field }, row?.token_sealed ?? ""), token);
  t.throws(() => now.open(place, row?.token_sealed ?? ""), { code: "misplaced" });
  t.throws(() => now.open({ customer_id: "b", field: place.field }, row?.token_sealed ?? ""), {
    code: "misplaced",
  });
});

t.test(
  "of a customer's connections and live links with several providers, all are kept but older links",
  async (t) => {
    const db = await openEarlier(t);
    const keys = createKeyRing(newer);
    for (const [provider, hash] of [
      ["google", "h1"],
      ["other", "h2"],
    ] as const) {
      const sealed = keys.seal({ customer_id: "a", provider, field: `consent_link:${hash}` }, hash);
      await sql`insert into consent_links (customer_id, provider, token_hash, token_sealed, any_account, created_at,
      expires_at) values ('a', ${provider}, ${hash}, ${sealed}, 0, '2026-11-29', '9999')`.execute(db);
      await sql`insert into oauth_tokens (customer_id, provider, access_token, refresh_token, token_expiry, scope,
      key_fingerprint, version, created_at, updated_at)
      values ('a', ${provider}, 'x', 'x', '2026-11-29', '', 'k', 1, '2026-11-29', '2026-11-29')`.execute(db);
    }
    const store = await openStore({ db, keys });
    t.match(await store.consentLinks.latest("a"), { link: { state: "live", token: "h2" } });
    t.same(await sql`select id from consent_links where revoked_at is null`.execute(db), {
      rows: [{ id: 2 }],
    });
    t.equal((await store.connections.statuses(["a"])).length, 2);
  },
);

t.test("the step that adds fingerprints keeps every link", async (t) => {
  const db = await openEarlier(t, "0003");
  const row = {
    customer_id: "a",
    provider: "google",
    token_hash: "hash",
    token_sealed: "gAAAA",
    any_account: 0,
  };
  const at = new Date().toISOString();
  await db
    .withTables<{ consent_links: typeof row & { created_at: string; expires_at: string } }>()
    .insertInto("consent_links")
    .values({ ...row, created_at: at, expires_at: at })
    .execute();
  await openStore({ db, keys: createKeyRing(older) });
  const { provider: _provider, ...kept } = row;
  t.match(await db.withTables<TokenStoreTables>().selectFrom("consent_links").selectAll().execute(), [
    { ...kept, key_fingerprint: null },
  ]);
});
