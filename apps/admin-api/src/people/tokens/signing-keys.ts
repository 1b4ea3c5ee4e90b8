/**
 * Access tokens for programs and other services: the keys that sign them (here), the tokens themselves
 * (`access-tokens.ts`), and what renews them (`refresh-tokens.ts`).
 */

import { type Database, exclusively } from "@cita/database";
import { dayMs } from "@cita/scheduling";
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK } from "jose";
import type { Kysely } from "kysely";
import type { PeopleTables } from "../migrations.ts";
import type { Sealing } from "../sealing.ts";

type Key = Awaited<ReturnType<typeof importJWK>>;

/** Ed25519 keys (RFC 8037), each for a month. A key is published a day before it signs, and for a month after. */
export type SigningKeys = {
  /** The key that signs now. It is made where there is none. */
  current(): Promise<{ kid: string; key: Key }>;
  /** @returns undefined where there is no such key any more, or another ADMIN_ENCRYPTION_KEY has sealed it. */
  findPublic(kid: string): Promise<Key | undefined>;
  /** What others verify with (RFC 7517). */
  publicKeys(): Promise<{ keys: JWK[] }>;
};

const signsForMs = 30 * dayMs;
const publishedBeforeMs = dayMs;

type Deps = { readonly db: Database; readonly sealing: Sealing; readonly now: () => number };
type Db = Kysely<PeopleTables>;
type Row = PeopleTables["signing_keys"];

/** The tables of `peopleMigrations` must exist. */
export function createSigningKeys({ db: database, sealing, now }: Deps): SigningKeys {
  const db: Db = database.withTables<PeopleTables>();
  const imported = new Map<string, Promise<Key>>();

  function importOnce(name: string, jwk: () => JWK): Promise<Key> {
    const known = imported.get(name) ?? importJWK(jwk(), "EdDSA");
    imported.set(name, known);
    return known;
  }

  /** Whoever has an ADMIN_ENCRYPTION_KEY that was taken away can sign with the keys that it sealed, so these count no more. */
  const isOurs = (row: Row) => sealing.open(row.private_key) !== undefined;
  /** The newest first. */
  const readRows = async (within: Db) =>
    (await within.selectFrom("signing_keys").selectAll().orderBy("signs_from_ms", "desc").execute()).filter(
      isOurs,
    );
  const canSign = (row: Row) => row.signs_from_ms <= now();

  async function add(trx: Db, signsFrom: number): Promise<void> {
    const { privateKey, publicKey } = await generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true });
    const publicJwk = await exportJWK(publicKey);
    const kid = await calculateJwkThumbprint(publicJwk);
    const row = {
      ...{ kid, public_key: JSON.stringify(publicJwk), signs_from_ms: signsFrom },
      private_key: sealing.seal(JSON.stringify(await exportJWK(privateKey))),
    };
    await trx.insertInto("signing_keys").values(row).execute();
  }

  /** Makes the next key in time, and deletes those that have verified their last token. */
  const rotate = () =>
    exclusively(db, "signing keys", async (trx) => {
      const rows = await readRows(trx);
      const [newest] = rows;
      if (newest === undefined || !rows.some(canSign)) return add(trx, now());
      if (newest.signs_from_ms + signsForMs - publishedBeforeMs > now()) return;
      await add(trx, Math.max(now() + publishedBeforeMs, newest.signs_from_ms + signsForMs));
      // Those before it have signed nothing for a month.
      await trx.deleteFrom("signing_keys").where("signs_from_ms", "<", newest.signs_from_ms).execute();
    });

  return {
    async current() {
      let rows = await readRows(db);
      const [newest] = rows;
      if (!rows.some(canSign) || (newest?.signs_from_ms ?? 0) + signsForMs - publishedBeforeMs <= now()) {
        await rotate();
        rows = await readRows(db);
      }
      const row = rows.find(canSign);
      if (row === undefined) throw new TypeError("There is no key to sign with.");
      const { kid, private_key } = row;
      return {
        kid,
        key: await importOnce(`private ${kid}`, () => JSON.parse(sealing.open(private_key) ?? "")),
      };
    },

    async findPublic(kid) {
      const row = await db.selectFrom("signing_keys").selectAll().where("kid", "=", kid).executeTakeFirst();
      return row && isOurs(row) ? importOnce(kid, () => JSON.parse(row.public_key)) : undefined;
    },

    async publicKeys() {
      const rows = await readRows(db);
      const keys = rows.map(({ kid, public_key }) => {
        const { kty, crv, x } = JSON.parse(public_key) as JWK;
        return { kty, crv, x, kid, alg: "EdDSA", use: "sig" } as JWK;
      });
      return { keys };
    },
  };
}
