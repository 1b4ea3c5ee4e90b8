import type { Logger } from "@cita/process";
import { currentRequestId } from "@cita/process";
import type { ActivityEvent, ActivityLog } from "./activity-log.ts";

/**
 * Records an event in the activity log and in the process's log. It never rejects: a deed isn't undone because it
 * couldn't be recorded. The function form is for events that need a query first; it may return undefined.
 */
export type RecordActivity = (event: ActivityEvent | FindActivity) => Promise<void>;

export type FindActivity = () => Promise<ActivityEvent | undefined>;

/** An event that couldn't be appended is logged whole. */
export function createRecorder(log: Pick<ActivityLog, "append">, logger: Logger): RecordActivity {
  return async (given) => {
    let event = typeof given === "function" ? undefined : given;
    try {
      event ??= typeof given === "function" ? await given() : undefined;
      if (event === undefined || !(await log.append(event))) return;
      const { customerId: customer_id, kind, detail } = event;
      logger.info({ request_id: currentRequestId(), customer_id, kind, detail }, "activity");
    } catch (err) {
      const { customerId: customer_id, kind, detail } = event ?? {};
      logger.error({ err, customer_id, kind, detail }, "an activity couldn't be recorded");
    }
  };
}
