import { randomUUID } from "node:crypto";
import { type Database, migrate } from "@cita/database";
import type { EventLog } from "@cita/events";
import { sql } from "kysely";
import { openInstanceStore } from "../../instances/instance-store.ts";
import { createAttendeeLimits } from "./attendee-limits.ts";
import { createCancellations, createFollowedChanges } from "./confirmed-bookings.ts";
import { createHolds } from "./holds.ts";
import { createInvitations } from "./invitations.ts";
import type { Ledger } from "./ledger.ts";
import { createLookUps } from "./look-ups.ts";
import { bookingMigrations } from "./migrations.ts";
import { createMoves } from "./moves.ts";
import type { BookingTables } from "./tables.ts";
import { createReleasedHolds, createTakeOvers } from "./take-overs.ts";
import type { MayHold } from "./take-seat.ts";

export type LedgerDeps = {
  db: Database;
  events: Pick<EventLog, "transaction">;
  /** The name of this process in its holds and its heartbeat. Default: a random one. */
  instanceId?: string;
  /**
   * A condition on the customer in the statement that holds a range, so that a call under way when the customer is
   * removed leaves no row behind. Default: none.
   */
  mayHold?: MayHold;
  /** The same for the statement that counts a change, which a customer without a connection may have too. */
  isKnown?: MayHold;
  now?: () => number;
};

/** Migrates the ledger's tables and opens it over them. @throws DatabaseError */
export async function openLedger(deps: LedgerDeps): Promise<Ledger> {
  const { db: database, events, instanceId = randomUUID(), now = Date.now } = deps;
  const { mayHold = anyCustomer, isKnown = anyCustomer } = deps;
  await migrate(database, bookingMigrations);
  // Take-overs query the table of instances.
  await openInstanceStore({ db: database, now });
  const db = database.withTables<BookingTables>();
  const workedOn = new Set<string>();
  const cancelling = new Set<string>();
  const inviting = new Set<string>();

  function ledgerFor(by: "agent" | "admin"): Ledger {
    const parts = { db, events, by, instanceId, now };
    return {
      ...createLookUps(db),
      ...createHolds({ ...parts, mayHold, workedOn, inviting }),
      ...createMoves({ ...parts, mayHold, workedOn, inviting }),
      ...createTakeOvers({ ...parts, workedOn, cancelling }),
      ...createReleasedHolds(parts),
      ...createCancellations({ ...parts, cancelling }),
      ...createFollowedChanges(parts),
      ...createInvitations({ ...parts, inviting }),
      ...createAttendeeLimits({ ...parts, isKnown }),
      async check() {
        await sql`select 1`.execute(db);
      },
      forAdmins: () => ledgerFor("admin"),
    };
  }

  return ledgerFor("agent");
}

const anyCustomer: MayHold = () => sql<boolean>`true`;
