import { createKeyRing, generateFernetKey } from "../src/index.ts";
import { alice, bob, type ContractTests, connect, openStore, request, target } from "./fixtures.ts";

/** How every database has to keep secrets. */
export const sealingTests: ContractTests = {
  "no secret stands in the clear, and both tokens are Fernet tokens": async (t, { store, db }) => {
    const link = await connect(store, "alice");
    await store.consentLinks.startAttempt(link, "state-alice", target);
    const tables = db.withTables<Record<string, Record<string, unknown>>>();
    const rows = await Promise.all(
      ["oauth_tokens", "consent_links", "consent_attempts"].map((table) =>
        tables.selectFrom(table).selectAll().execute(),
      ),
    );
    const stored = JSON.stringify(rows);
    for (const secret of ["ya29.", "1//", link.token, "state-alice"])
      t.notOk(stored.includes(secret), secret);
    t.match(rows[0]?.[0], { access_token: /^gAAAA/, refresh_token: /^gAAAA/ });
  },

  "a row copied onto another customer's id can't be opened, and the other is unharmed": async (
    t,
    { store, db },
  ) => {
    await connect(store, "alice");
    await connect(store, "bob");
    const tables = db.withTables<{ oauth_tokens: Record<string, string> }>();
    const row = await tables
      .selectFrom("oauth_tokens")
      .select(["access_token", "refresh_token"])
      .where("customer_id", "=", "alice")
      .executeTakeFirstOrThrow();
    await tables.updateTable("oauth_tokens").set(row).where("customer_id", "=", "bob").execute();
    await t.rejects(store.connections.find(bob), { code: "misplaced" });
    t.match(await store.connections.find(alice), { accessToken: "ya29.alice" });
  },

  "without the old key its links can still be managed: a live one is replaced": async (
    t,
    { store, db, clock },
  ) => {
    const sealedBefore = await store.consentLinks.issue(request);
    const keys = createKeyRing(generateFernetKey());
    const later = await openStore({ db, keys, now: () => clock.now });
    t.match(await later.consentLinks.latest("alice"), { link: { state: "live", token: null } });
    const replaced = await later.consentLinks.issue(request);
    t.not(replaced.token, sealedBefore.token);
    t.match(await later.consentLinks.findByToken(sealedBefore.token), { state: "revoked" });
  },
};
