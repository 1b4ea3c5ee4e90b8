/**
 * Who may sign in to admin-api: the users (`user-store.ts`) and the customers they belong to (`membership-store.ts`), their
 * sessions (`session-store.ts`) and links (`one-time-links.ts`), how they show who they are (`authentication.ts`), and mail
 * to them (`mail/`). What they may do then is decided in `../access`.
 */

import { type Database, migrate } from "@cita/database";
import type { EventLog } from "@cita/events";
import { sql } from "kysely";
import { createAccounts } from "./accounts.ts";
import { createMembershipStore } from "./membership-store.ts";
import { peopleMigrations } from "./migrations.ts";
import { createOneTimeLinks } from "./one-time-links.ts";
import { createPasswords } from "./passwords.ts";
import { createSessionStore } from "./session-store.ts";
import { createStreamTickets } from "./stream-tickets.ts";
import { createUserStore } from "./user-store.ts";

export type People = Awaited<ReturnType<typeof openPeople>>;

type Deps = {
  readonly db: Database;
  readonly events: Pick<EventLog, "transaction">;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** See `createUserStore`. */
  readonly tellsRemovals?: boolean | undefined;
};

/** Migrates the tables and opens what is over them. The table `customers` must exist. @throws DatabaseError */
export async function openPeople(deps: Deps) {
  const { db, now } = deps;
  await migrate(db, peopleMigrations);
  const users = createUserStore(deps);
  const passwords = createPasswords();
  const sessions = createSessionStore(db, now);
  const links = createOneTimeLinks(db, now);
  return {
    ...{ users, passwords, sessions, links },
    streamTickets: createStreamTickets(db, now),
    memberships: createMembershipStore(db, deps.events),
    accounts: createAccounts({ users, passwords, sessions, links, events: deps.events }),

    /** Deletes the events about a customer that was removed. Its memberships, sessions and links have gone with its row. */
    async forgetCustomer(customerId: string): Promise<void> {
      await deps.events.transaction(async (trx, append) => {
        await sql`delete from events where customer_id = ${customerId}`.execute(trx);
        await append({ customerId: null, kind: "customer_removed", data: {} });
      });
    },
  };
}
