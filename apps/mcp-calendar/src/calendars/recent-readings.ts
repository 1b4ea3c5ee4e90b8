import { LRUCache } from "lru-cache";
import type { BusyQuestion, BusyTimes, Calendar } from "./calendar.ts";

/** A calendar whose busy times may also be had from a moment ago. */
export type CalendarWithRecentReadings = Calendar & {
  /**
   * Busy times that may be as old as the limit: good for showing times, never for booking one. Callers at the same
   * moment share one reading, and our own writes drop what was read before.
   */
  readRecentBusy(question: BusyQuestion): Promise<BusyTimes>;
};

type RecentReading = {
  readonly question: BusyQuestion;
  readonly begunAt: number;
  readonly answer: Promise<BusyTimes>;
};

/** Bounds on memory, not on what can be asked. */
const maxCustomers = 500;
const maxReadingsPerCustomer = 4;

/** @param maxAgeMs how old a shared reading may be, counted from when it began; 0: only one under way is shared. */
export function withRecentReadings(calendar: Calendar, maxAgeMs: number): CalendarWithRecentReadings {
  const kept = new LRUCache<string, readonly RecentReading[]>({ max: maxCustomers });

  function keep(question: BusyQuestion): Promise<BusyTimes> {
    const reading: RecentReading = {
      question,
      begunAt: performance.now(),
      answer: calendar.readBusy(question),
    };
    const others = kept.get(question.customerId) ?? [];
    kept.set(question.customerId, [reading, ...others].slice(0, maxReadingsPerCustomer));
    const drop = () => {
      const readings = kept.get(question.customerId)?.filter((one) => one !== reading) ?? [];
      if (readings.length > 0) kept.set(question.customerId, readings);
      else kept.delete(question.customerId);
    };
    // A failure reaches those who share the reading and no later caller; what is too old is dropped for its memory.
    reading.answer.then(maxAgeMs === 0 ? drop : () => setTimeout(drop, maxAgeMs).unref(), drop);
    return reading.answer;
  }

  /** Drops what was read before the write, which doesn't show it, and during it, which may not. */
  async function dropping<T>(customerId: string, write: Promise<T>): Promise<T> {
    kept.delete(customerId);
    try {
      return await write;
    } finally {
      kept.delete(customerId);
    }
  }

  return {
    ...calendar,
    readRecentBusy(question) {
      const oldest = performance.now() - maxAgeMs;
      const reading = kept
        .get(question.customerId)
        ?.find((one) => (one.begunAt >= oldest || maxAgeMs === 0) && answers(one.question, question));
      return reading?.answer ?? keep(question);
    },
    insertEvent: (customerId, ...asked) => dropping(customerId, calendar.insertEvent(customerId, ...asked)),
    moveEvent: (customerId, ...asked) => dropping(customerId, calendar.moveEvent(customerId, ...asked)),
    removeEvent: (customerId, ...asked) => dropping(customerId, calendar.removeEvent(customerId, ...asked)),
    retireEvent: (customerId, ...asked) => dropping(customerId, calendar.retireEvent(customerId, ...asked)),
  };
}

function answers(asked: BusyQuestion, question: BusyQuestion): boolean {
  return (
    asked.span.start <= question.span.start &&
    question.span.end <= asked.span.end &&
    asked.calendars.join() === question.calendars.join()
  );
}
