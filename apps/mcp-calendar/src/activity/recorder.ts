import { currentRequestId } from "@cita/process";
import type { FastifyBaseLogger } from "fastify";
import type { ActivityEvent, ActivityLog } from "./activity-log.ts";

/**
 * Keeps what has happened, in the activity log and as a line of the service's log. It never fails: what
 * was done stays done, whether or not it could be written down. What has to be looked up first is looked
 * up by the function given, which may find that nothing has happened.
 */
export type RecordActivity = (event: ActivityEvent | FindActivity) => Promise<void>;

export type FindActivity = () => Promise<ActivityEvent | undefined>;

/** Of an entry that couldn't be kept, the log line says all there was to say. */
export function createRecorder(log: Pick<ActivityLog, "append">, logger: FastifyBaseLogger): RecordActivity {
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
