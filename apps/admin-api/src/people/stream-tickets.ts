import type { Database } from "@cita/database";
import type { Kysely } from "kysely";
import type { PeopleTables } from "./migrations.ts";
import { hashSecretToken, makeSecretToken } from "./secret-tokens.ts";

/**
 * What a browser opens a live stream with that can send neither the panel's cookie nor a header. It stands in a URL, which
 * servers and proxies log, so it counts once and for a minute.
 */
export type StreamTickets = {
  make(sessionId: string): Promise<string>;
  /** Uses it up. @returns the session that it was made for; undefined where it was used, has expired, or is nobody's. */
  use(ticket: string): Promise<string | undefined>;
  /** Deletes what has expired. @returns how many. */
  purge(): Promise<number>;
};

export const ticketSeconds = 60;

/** The tables of `peopleMigrations` must exist. */
export function createStreamTickets(database: Database, now: () => number): StreamTickets {
  const db: Kysely<PeopleTables> = database.withTables<PeopleTables>();
  return {
    async make(sessionId) {
      const ticket = makeSecretToken();
      await db
        .insertInto("stream_tickets")
        .values({
          token_hash: hashSecretToken(ticket),
          session_id: sessionId,
          expires_at_ms: now() + ticketSeconds * 1_000,
        })
        .execute();
      return ticket;
    },

    async use(ticket) {
      const used = await db
        .deleteFrom("stream_tickets")
        .where("token_hash", "=", hashSecretToken(ticket))
        .returning(["session_id", "expires_at_ms"])
        .executeTakeFirst();
      return used !== undefined && used.expires_at_ms > now() ? used.session_id : undefined;
    },

    async purge() {
      const { numDeletedRows } = await db
        .deleteFrom("stream_tickets")
        .where("expires_at_ms", "<=", now())
        .executeTakeFirstOrThrow();
      return Number(numDeletedRows);
    },
  };
}
