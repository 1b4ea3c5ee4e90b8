import type { Database } from "@cita/database";
import { type EventLog, openEventLog } from "@cita/events";
import { createLogger } from "@cita/process";

/** The event log that a store over this database writes into. */
export function openEvents(db: Database): Promise<EventLog> {
  return openEventLog({ db, logger: createLogger("silent") });
}
