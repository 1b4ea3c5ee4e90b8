import type { Logger } from "@cita/process";
import { currentRequestId } from "@cita/process";
import type { ActivityEvent, ActivityLog } from "./activity-log.ts";

/**
 * Records what has happened, in the activity log and as a line of the process's log. It never fails: what was done
 * stays done, whether or not it could be recorded. A function is for what has to be looked up first; it may find that
 * nothing has happened.
 */
export type RecordActivity = (event: ActivityEvent | FindActivity) => Promise<void>;

export type FindActivity = () => Promise<ActivityEvent | undefined>;

/** An entry that couldn't be kept stands whole in the line of the process's log. */
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
