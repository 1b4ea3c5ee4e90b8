import { openEventLog } from "@cita/events";
import { createLogger } from "@cita/process";
import { createKeyRing, generateFernetKey, parseFernetKey, rotateKeys } from "@cita/token-store";
import t from "tap";
import { forEachDatabase, type TestDatabase } from "../../../test/support/test-database.ts";
import { createSealedIntegrations, forgetIntegrations } from "../src/integrations/integration-keys.ts";
import { openIntegrationStores } from "../src/integrations/open-integration-stores.ts";
import type { IntegrationTables } from "../src/integrations/schema.ts";
import { connect, findAccess, luna, start, tokensOf } from "./fixtures.ts";

const [older, newer, lost] = [generateFernetKey(), generateFernetKey(), generateFernetKey()] as const;
const fingerprintOf = (key: string) => parseFernetKey(key).fingerprint;

/** The stores of a service that has these keys. */
async function openWith(database: TestDatabase, encryptionKeys: string) {
  const db = database.open();
  const keys = createKeyRing(encryptionKeys);
  const events = await openEventLog({ db, logger: createLogger("silent") });
  const clock = { now: start };
  const deps = { keys, events, now: () => clock.now };
  const stores = await openIntegrationStores({ ...deps, db });
  const sealed = createSealedIntegrations({ db, keys });
  return { ...stores, ...deps, db: db.withTables<IntegrationTables>(), clock, sealed };
}

const fingerprintIn = async ({ db }: Awaited<ReturnType<typeof openWith>>, id: string) =>
  (await db.selectFrom("integrations").select("key_fingerprint").where("id", "=", id).executeTakeFirst())
    ?.key_fingerprint;

forEachDatabase(t, "a rotation that is stopped goes on where it was", async (t, database) => {
  const before = await openWith(database, older);
  t.match(await before.sealed.check(), { opens: "everything", missing: [] }, "nothing is stored");
  const { id } = await connect(before, "ana");
  const { id: gone } = await connect(before, "gone");
  await before.integrations.disconnect(gone, false);
  const row = await before.db
    .selectFrom("integrations")
    .selectAll()
    .where("id", "=", id)
    .executeTakeFirstOrThrow();
  // Of one transaction's rows there are 100, so that these take three.
  const copies = Array.from({ length: 210 }, (_, i) => {
    const place = { ...row, id: `copy-${String(i).padStart(3, "0")}`, account_id: `copy-${i}` };
    const seal = (field: string) =>
      before.keys.seal(
        { customer_id: row.owner, provider: row.provider, field: `${field}:${place.id}` },
        `${field} ${i}`,
      );
    return { ...place, access_token: seal("access_token"), refresh_token: seal("refresh_token") };
  });
  for (const copy of copies) await before.db.insertInto("integrations").values(copy).execute();

  const both = await openWith(database, `${newer},${older}`);
  const [batches] = both.sealed.reseal();
  t.match(await batches?.next(), { value: { rows: 100, resealed: 100, unopened: [] } });
  await batches?.return(undefined);
  t.equal(await both.sealed.countForeign(), 111);
  t.match((await both.sealed.check()).keys, [{ connections: 100 }, { connections: 111 }]);
  t.match(await rotateKeys(both.sealed), { resealed: 111, unopened: [], report: { opens: "everything" } });
  t.match(await rotateKeys(both.sealed), { resealed: 0 });
  const alone = await openWith(database, newer);
  t.strictSame(await findAccess(alone, id), await findAccess(both, id));
  t.match(await findAccess(alone, "copy-209"), { refreshToken: "refresh_token 209" });
});

forEachDatabase(t, "a renewal that was under way is saved after the rotation", async (t, database) => {
  const { id } = await connect(await openWith(database, older), "ana");
  const both = await openWith(database, `${newer},${older}`);
  const read = await findAccess(both, id);
  t.match(await rotateKeys(both.sealed), { resealed: 1 });
  t.equal(await both.integrations.saveRenewed(read, tokensOf("later")), true);
  t.match(await findAccess(await openWith(database, newer), id), { refreshToken: "refresh-of-later" });
});

forEachDatabase(t, "what no key opens is left as it is, named, and given up", async (t, database) => {
  const [first, other] = [await openWith(database, older), await openWith(database, lost)];
  const { id: damaged } = await connect(first, "damaged");
  const { id: unopened } = await connect(other, "unopened", luna);
  const { id: again } = await connect(other, "again", luna);
  await first.db
    .updateTable("integrations")
    .set({ refresh_token: "gAAAAA" })
    .where("id", "=", damaged)
    .execute();
  const both = await openWith(database, `${newer},${older}`);
  const { resealed, unopened: left, report } = await rotateKeys(both.sealed);
  t.equal(resealed, 0);
  t.strictSame(left.map((row) => `${row.customerId} ${row.fingerprint}`).sort(), [
    `customer:luna ${fingerprintOf(lost)}`,
    `customer:luna ${fingerprintOf(lost)}`,
    `user:ana ${fingerprintOf(older)}`,
  ]);
  t.match(report, { opens: "part", missing: [{ fingerprint: fingerprintOf(lost), connections: 2 }] });

  await connect(both, "again", luna);
  const owners: string[] = [];
  for await (const batch of forgetIntegrations(both, fingerprintOf(lost))) owners.push(...batch);
  t.strictSame(owners, ["customer:luna"]);
  t.match(await both.integrations.find(unopened), { isActive: false });
  t.equal(await fingerprintIn(both, unopened), null);
  t.match(await findAccess(both, again), { refreshToken: "refresh-of-again" }, "consented anew");
  t.equal(await fingerprintIn(both, damaged), fingerprintOf(older));
  t.match(await both.integrations.find(damaged), { isActive: true });
});
