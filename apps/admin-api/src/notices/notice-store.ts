/**
 * Mail to admins who want it, about connections that are lost and calendars that refuse: what is to be sent, written in the
 * transaction in which the calendar service's event is (here), and the sending (`notice-sender.ts`).
 */

import type { EventsPage } from "@cita/calendar-api";
import { type Database, migrate, rowLock } from "@cita/database";
import { readEvent } from "@cita/events/kinds";
import { hourMs, minuteMs } from "@cita/scheduling";
import { type Kysely, sql } from "kysely";
import { type NoticeTables, noticeMigrations } from "./migrations.ts";

export type NoticeKind = "connection_lost" | "calendar_refuses";

/** A mail that this process is to send. */
export type Notice = {
  readonly id: number;
  readonly kind: NoticeKind;
  readonly customerId: string;
  readonly customerName: string;
  readonly email: string;
  readonly language: string | null;
  /** How often it was tried, this time included. */
  readonly attempts: number;
};

export type NoticeStore = {
  /** Adds a notice for each admin who wants mail. To be called in the transaction in which the events are applied. */
  add(trx: Database, events: EventsPage["events"]): Promise<void>;
  /** Takes a notice that nobody else is sending, to an admin who wants mail. @returns undefined where there is none. */
  claim(): Promise<Notice | undefined>;
  /** It is sent, and stays until it is purged: others about the same are left out meanwhile. */
  sent(id: number): Promise<void>;
  /** It isn't sent, and is tried again later. */
  failed(notice: Notice): Promise<void>;
  /** Deletes what is older than two days, sent or not. */
  purge(): Promise<number>;
};

const keptMs = 48 * hourMs;
/** Longer than the sending takes. Afterwards its process has ended, and another one sends. */
const claimMs = 5 * minuteMs;
/** Before a mail is tried again, twice as long each time. */
const minPauseMs = 2_000;
const maxPauseMs = hourMs;
const maxAttempts = 40;
/** A calendar that comes and goes is told of once in this time. */
const quietMs = 12 * hourMs;

/** Whoever isn't an admin any more, or wants no mail any more, is sent nothing that waits, either. */
const wantsNotices = sql`users.role = 'admin' and users.is_active = 1 and users.email_notifications = 1`;

const refusing: readonly string[] = ["refused", "unreadable", "not_found"];

type Db = Kysely<NoticeTables>;

/** Migrates the table and opens the store over it. The tables `customers` and `users` must exist. @throws DatabaseError */
export async function openNoticeStore(database: Database, now: () => number): Promise<NoticeStore> {
  await migrate(database, noticeMigrations);
  const db: Db = database.withTables<NoticeTables>();

  return {
    async add(trx, events) {
      for (const event of events) {
        const kind = noticeKindOf(event);
        if (kind !== undefined && event.customer_id !== null)
          await insertFor(trx, event.customer_id, kind, now());
      }
    },

    async claim() {
      const { rows } = await sql<Notice>`
        with due as (
          select id from notices
          where sent_at_ms is null and claimed_until_ms <= ${now()} and attempts < ${maxAttempts}
            and user_id in (select id from users where ${wantsNotices})
          order by claimed_until_ms limit 1 ${rowLock(db, "for update skip locked")}
        )
        update notices set claimed_until_ms = ${now() + claimMs}, attempts = attempts + 1
        where id = (select id from due)
        returning id, kind, attempts, customer_id as "customerId",
          (select customer_name from customers where customers.customer_id = notices.customer_id) as "customerName",
          (select email from users where users.id = notices.user_id) as email,
          (select language from users where users.id = notices.user_id) as language`.execute(db);
      return rows[0];
    },

    async sent(id) {
      await db.updateTable("notices").set({ sent_at_ms: now() }).where("id", "=", id).execute();
    },

    async failed({ id, attempts }) {
      const claimed_until_ms = now() + Math.min(maxPauseMs, minPauseMs * 2 ** (attempts - 1));
      await db.updateTable("notices").set({ claimed_until_ms }).where("id", "=", id).execute();
    },

    async purge() {
      const { numDeletedRows } = await db
        .deleteFrom("notices")
        .where("created_at_ms", "<=", now() - keptMs)
        .executeTakeFirstOrThrow();
      return Number(numDeletedRows);
    },
  };
}

function noticeKindOf(event: EventsPage["events"][number]): NoticeKind | undefined {
  const body = readEvent(event);
  if (body?.kind === "reconnect_required") return "connection_lost";
  if (body?.kind === "calendar_state_changed" && refusing.includes(body.data.state))
    return "calendar_refuses";
  return undefined;
}

async function insertFor(trx: Database, customerId: string, kind: NoticeKind, now: number): Promise<void> {
  const since = kind === "calendar_refuses" ? now - quietMs : now + 1;
  await sql`insert into notices
    (user_id, customer_id, kind, created_at_ms, claimed_until_ms, attempts, sent_at_ms)
    select users.id, customers.customer_id, ${sql.lit(kind)}, ${sql.lit(now)}, 0, 0, null
    from users cross join customers
    where ${wantsNotices}
      and customers.customer_id = ${customerId}
      and 0 = (select count(*) from notices as before
        where before.user_id = users.id and before.customer_id = customers.customer_id
          and before.kind = ${sql.lit(kind)} and before.created_at_ms >= ${sql.lit(since)})`.execute(trx);
}
