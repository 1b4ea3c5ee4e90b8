import { join } from "node:path";
import { migrate, openDatabase } from "@cita/database";
import { sql } from "kysely";
import t from "tap";
import { createKeyRing, generateFernetKey, tokenStoreMigrations } from "../src/index.ts";
import { hashSecret } from "../src/key-ring.ts";
import type { TokenStoreTables } from "../src/schema.ts";
import { openStore } from "./fixtures.ts";

const [older, newer] = [generateFernetKey(), generateFernetKey()] as const;

t.test("links that were sealed with a provider are sealed anew once their key is there", async (t) => {
  const db = openDatabase(`file:${join(t.testdir(), "calendar.db")}`);
  t.teardown(() => db.destroy());
  const steps = Object.entries(tokenStoreMigrations.migrations);
  const earlier = Object.fromEntries(steps.filter(([name]) => name < "0010-links-of-any-provider"));
  await migrate(db, { ...tokenStoreMigrations, migrations: earlier });
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
