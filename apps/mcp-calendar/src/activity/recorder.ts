import type { EventLog, NewEvent } from "@cita/events";
import type { Logger } from "@cita/process";

/** Appends an event after its deed. It never rejects: a deed isn't undone because it couldn't be recorded. */
export type RecordActivity = (event: NewEvent | FindActivity) => Promise<void>;

export type FindActivity = () => Promise<NewEvent | undefined>;

export function createRecorder(events: Pick<EventLog, "transaction">, logger: Logger): RecordActivity {
  return async (given) => {
    try {
      const event = typeof given === "function" ? await given() : given;
      if (event !== undefined) await events.transaction((_, append) => append(event));
    } catch (err) {
      logger.error({ err }, "an activity couldn't be recorded");
    }
  };
}
