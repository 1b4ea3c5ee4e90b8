import type { Test } from "tap";
import { freePort } from "../free-port.ts";
import { openMailbox } from "../mailbox.ts";
import type { EngineName } from "../test-database.ts";
import { createWorld } from "../world.ts";
import { makeAllCalls } from "./all-calls.ts";
import type { PlannedQuery } from "./plan.ts";
import { addQuietCustomers, removeAllCustomers } from "./quiet-world.ts";
import { type PostgresPlanOptions, recordPostgresPlans } from "./record-postgres.ts";
import { recordSqlitePlans } from "./record-sqlite.ts";

const roundMs = 100;

/** The plans of all queries that both services make, with so many customers. */
export async function readPlans(
  t: Test,
  engine: EngineName,
  { customers, mayReadTables = false }: Partial<PostgresPlanOptions> & { readonly customers: number },
): Promise<PlannedQuery[]> {
  const recorder = engine === "sqlite" ? recordSqlitePlans() : recordPostgresPlans({ mayReadTables });
  const mailbox = await openMailbox(t, await freePort());
  const world = await createWorld(t, {
    engine,
    followsEvents: true,
    purging: { firstWithinMs: 1, intervalMs: roundMs },
    calendarWatch: { checkAfterMs: 600_000, recheckAfterMs: 60_000, lastingAfterMs: 180_000, roundMs },
    variables: { GOOGLE_USER_QUOTA: "100000", GOOGLE_PROJECT_QUOTA: "100000", ...mailbox.variables },
  });
  await world.connected("luna");
  await world.api("PUT", "/v1/customer-calendars/luna/schedule", { minimum_notice_minutes: 0 });
  // Its follower would go on with what happened to them.
  await world.admin.close();
  await addQuietCustomers(world, customers);
  // What can't be sent is shown: the links of two invitations.
  mailbox.refuse(2);
  recorder.start();
  try {
    await world.restart();
    await makeAllCalls(world);
  } finally {
    // Others of this process would be recorded too.
    await world.stopMcpCalendar();
    await world.admin.close();
    recorder.stop();
  }
  await removeAllCustomers(world);
  return recorder.stop();
}
