import type { CalendarApiClient } from "@cita/calendar-api";
import { type BackgroundLoop, createBackgroundLoop, type Logger } from "@cita/process";
import { hourMs, minuteMs } from "@cita/scheduling";
import type { CustomerStateStore } from "./customer-state-store.ts";

type Deps = {
  readonly store: Pick<CustomerStateStore, "pendingIds" | "reconcile">;
  readonly calendarApi: Pick<CalendarApiClient, "connections">;
  readonly logger: Logger;
};

/** The most that one request for summaries takes. */
const maxCustomers = 500;

/**
 * Asks once an hour, and at the start, whether those that count as pending are. A customer is pending from when it is added
 * until the calendar service has been asked about it: where that didn't come about, since a process ended or the service
 * didn't answer, no event tells of a connection that was there before.
 */
export function createPendingCheck({ store, calendarApi, logger }: Deps): BackgroundLoop {
  async function checkAll(stopping: AbortSignal): Promise<void> {
    for (let after = ""; !stopping.aborted; ) {
      const ids = await store.pendingIds(after, maxCustomers);
      const last = ids.at(-1);
      if (last === undefined) return;
      const summaries = await calendarApi.connections(ids, stopping);
      for (const { customer_id, status } of summaries) {
        if (status === "pending") continue;
        // It may have changed since.
        const readSummary = async () => (await calendarApi.connections([customer_id], stopping))[0];
        await store.reconcile(customer_id, status, readSummary);
      }
      after = last;
    }
  }

  let failures = 0;
  return createBackgroundLoop(async (stopping) => {
    try {
      await checkAll(stopping);
      failures = 0;
      return hourMs;
    } catch (err) {
      failures++;
      // The first time the calendar service may still be starting.
      if (!stopping.aborted && failures === 2)
        logger.warn({ err }, "whether customers are pending can't be asked for now");
      return failures === 1 ? 5_000 : minuteMs;
    }
  });
}
