import { randomUUID } from "node:crypto";
import { type Database, exclusively } from "@cita/database";
import type { KeyRing } from "@cita/token-store";
import { type Kysely, sql } from "kysely";
import type { WebhookTables } from "./schema.ts";
import {
  maxWebhooksPerSubject,
  type NewWebhook,
  TooManyWebhooksError,
  type WebhookStore,
  type WebhookSubject,
  type WebhookWithSecret,
} from "./webhook.ts";
import {
  makeSecret,
  secretPlace,
  subjectColumns,
  toWebhook,
  webhookColumns,
  writeOwner,
} from "./webhook-rows.ts";

export type WebhookStoreDeps = {
  readonly db: Database;
  readonly keys: KeyRing;
  readonly now: () => Date;
};

type Db = Kysely<WebhookTables>;

const tablesOf = (db: Database): Db => db.withTables<WebhookTables>();

/** How long the secret before signs too. */
const overlapMs = 24 * 3_600_000;

/** What is forgotten when it is activated again. */
const noTrouble = { disabled_reason: null, failing_since: null };

/** The tables of `webhookMigrations` must exist. */
export function createWebhookStore(deps: WebhookStoreDeps): WebhookStore {
  const { db: database, now } = deps;
  const db = tablesOf(database);
  return {
    create: (webhook) => create(deps, webhook),

    async find(id) {
      const row = await db
        .selectFrom("webhooks")
        .select(webhookColumns)
        .where("id", "=", id)
        .executeTakeFirst();
      return row && toWebhook(row);
    },

    async list({ subject, after, limit }) {
      const rows = await ofSubject(db, subject)
        .select(webhookColumns)
        .$if(after !== undefined, (query) => query.where("id", ">", after ?? ""))
        .orderBy("id")
        .limit(limit)
        .execute();
      return rows.map(toWebhook);
    },

    async update(id, { url, events, metadata, isActive }) {
      const row = await db
        .updateTable("webhooks")
        .set({
          ...(url !== undefined && { url }),
          ...(events !== undefined && { events: JSON.stringify(events) }),
          ...(metadata !== undefined && { metadata: JSON.stringify(metadata) }),
          ...(isActive === false && { is_active: 0 }),
          // Without a secret nothing can be signed.
          ...(isActive === true && {
            is_active: sql`case when secret is null then 0 else 1 end`,
            disabled_reason: sql`case when secret is null then disabled_reason end`,
            failing_since: null,
          }),
          updated_at: now().toISOString(),
        })
        .where("id", "=", id)
        .returning(webhookColumns)
        .executeTakeFirst();
      return row && toWebhook(row);
    },

    rotateSecret: (id) => rotateSecret(deps, id),

    async remove(id) {
      await db.deleteFrom("webhooks").where("id", "=", id).execute();
    },

    removeOwner: (removed) =>
      database.transaction().execute(async (trx) => {
        const owner = writeOwner(removed);
        await tablesOf(trx).deleteFrom("webhooks").where("owner", "=", owner).execute();
        // Behind the webhooks, which whoever stores a message has locked.
        await tablesOf(trx).deleteFrom("webhook_messages").where("owner", "=", owner).execute();
      }),
  };
}

function ofSubject(db: Db, subject: WebhookSubject) {
  const webhooks = db.selectFrom("webhooks");
  return "integrationId" in subject
    ? webhooks.where("integration_id", "=", subject.integrationId)
    : webhooks.where("organization_id", "=", subject.organizationId);
}

function create(
  { db, keys, now }: WebhookStoreDeps,
  { subject, owner, url, events, metadata }: NewWebhook,
): Promise<WebhookWithSecret> {
  const columns = subjectColumns(subject);
  return exclusively(db, `webhooks of ${columns.integration_id ?? columns.organization_id}`, async (trx) => {
    const { count } = await ofSubject(tablesOf(trx), subject)
      .select(({ fn }) => fn.countAll<number>().as("count"))
      .executeTakeFirstOrThrow();
    if (count >= maxWebhooksPerSubject) throw new TooManyWebhooksError();
    const place = { id: randomUUID(), owner: writeOwner(owner) };
    const secret = makeSecret();
    const at = now().toISOString();
    const row = await tablesOf(trx)
      .insertInto("webhooks")
      .values({
        ...{ ...place, ...columns, url, events: JSON.stringify(events), metadata: JSON.stringify(metadata) },
        ...{ secret: keys.seal(secretPlace(place), secret), key_fingerprint: keys.primaryFingerprint },
        ...{ previous_secret: null, previous_until: null, version: 1, is_active: 1, ...noTrouble },
        ...{ last_triggered_at: null, created_at: at, updated_at: at },
      })
      .returning(webhookColumns)
      .executeTakeFirstOrThrow();
    return { webhook: toWebhook(row), secret };
  });
}

/** Of secrets that are rotated faster than they overlap, the last two sign. */
function rotateSecret(
  { db, keys, now }: WebhookStoreDeps,
  id: string,
): Promise<WebhookWithSecret | undefined> {
  return exclusively(db, `secret of webhook ${id}`, async (trx) => {
    const before = await tablesOf(trx)
      .selectFrom("webhooks")
      .select(["id", "owner", "secret"])
      .where("id", "=", id)
      .executeTakeFirst();
    if (before === undefined) return undefined;
    const place = secretPlace(before);
    const secret = makeSecret();
    const row = await tablesOf(trx)
      .updateTable("webhooks")
      .set({
        secret: keys.seal(place, secret),
        // Sealed anew, since both are sealed with one key.
        previous_secret: before.secret === null ? null : keys.reseal(place, before.secret),
        previous_until: before.secret === null ? null : new Date(now().getTime() + overlapMs).toISOString(),
        key_fingerprint: keys.primaryFingerprint,
        version: sql<number>`version + 1`,
        updated_at: now().toISOString(),
      })
      .where("id", "=", id)
      .returning(webhookColumns)
      .executeTakeFirst();
    return row && { webhook: toWebhook(row), secret };
  });
}
