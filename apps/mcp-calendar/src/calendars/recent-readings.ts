import type { ConnectionStatus } from "@cita/token-store";
import { LRUCache } from "lru-cache";
import type { BusyQuestion, BusyTimes, Calendar } from "./calendar.ts";

/** A calendar with a short-lived cache of busy times. */
export type CalendarWithRecentReadings = Calendar & {
  /**
   * Busy times that may be a moment old: good for showing times, never for booking one. Concurrent callers share one
   * reading, our own writes evict the customer's readings, and none outlives the consent that it was read with.
   */
  readRecentBusy(question: BusyQuestion): Promise<BusyTimes>;
};

type RecentReading = {
  readonly question: BusyQuestion;
  readonly consent: string;
  readonly begunAt: number;
  readonly answer: Promise<BusyTimes>;
};

/** Bound the memory, not what can be asked. */
const maxCustomers = 500;
const maxReadingsPerCustomer = 4;

export type RecentReadingsOptions = {
  /** How old a shared reading may be, counted from its beginning; 0: only readings under way are shared. */
  readonly maxAgeMs: number;
  findConnection(customerId: string): Promise<ConnectionStatus | undefined>;
};

export function withRecentReadings(
  calendar: Calendar,
  { maxAgeMs, findConnection }: RecentReadingsOptions,
): CalendarWithRecentReadings {
  const kept = new LRUCache<string, readonly RecentReading[]>({ max: maxCustomers });

  function keep(question: BusyQuestion, consent: string): Promise<BusyTimes> {
    const reading: RecentReading = {
      question,
      consent,
      begunAt: performance.now(),
      answer: calendar.readBusy(question),
    };
    const others = kept.get(question.customerId) ?? [];
    kept.set(question.customerId, [reading, ...others].slice(0, maxReadingsPerCustomer));
    const evict = () => {
      const readings = kept.get(question.customerId)?.filter((one) => one !== reading) ?? [];
      if (readings.length > 0) kept.set(question.customerId, readings);
      else kept.delete(question.customerId);
    };
    // Only callers that share a failed reading get its error. Old readings are evicted to free their memory.
    reading.answer.then(maxAgeMs === 0 ? evict : () => setTimeout(evict, maxAgeMs).unref(), evict);
    return reading.answer;
  }

  /** Evicts readings from before the write, which don't show it, and from during the write, which may not. */
  async function evictAround<T>(customerId: string, write: Promise<T>): Promise<T> {
    kept.delete(customerId);
    try {
      return await write;
    } finally {
      kept.delete(customerId);
    }
  }

  return {
    ...calendar,
    async readRecentBusy(question) {
      // Asked each time, since another instance may have ended it.
      const consent = toConsent(await findConnection(question.customerId));
      if (consent === undefined) return calendar.readBusy(question);
      const oldest = performance.now() - maxAgeMs;
      const reading = kept
        .get(question.customerId)
        ?.filter((one) => one.consent === consent && (one.begunAt >= oldest || maxAgeMs === 0))
        .find((one) => answers(one.question, question));
      return reading?.answer ?? keep(question, consent);
    },
    insertEvent: (customerId, ...asked) =>
      evictAround(customerId, calendar.insertEvent(customerId, ...asked)),
    moveEvent: (customerId, ...asked) => evictAround(customerId, calendar.moveEvent(customerId, ...asked)),
    removeEvent: (customerId, ...asked) =>
      evictAround(customerId, calendar.removeEvent(customerId, ...asked)),
    retireEvent: (customerId, ...asked) =>
      evictAround(customerId, calendar.retireEvent(customerId, ...asked)),
  };
}

/** Names the consent by which a calendar can be read; undefined: there is none. */
function toConsent(connection: ConnectionStatus | undefined): string | undefined {
  if (connection?.reconnectRequiredSince !== null) return undefined;
  return `${connection.connectionId} ${connection.connectedAt.getTime()}`;
}

function answers(asked: BusyQuestion, question: BusyQuestion): boolean {
  return (
    asked.span.start <= question.span.start &&
    question.span.end <= asked.span.end &&
    asked.calendars.join() === question.calendars.join()
  );
}
