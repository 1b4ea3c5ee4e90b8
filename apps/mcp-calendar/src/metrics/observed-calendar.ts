import { type Calendar, CalendarError } from "../calendars/calendar.ts";
import type { CalendarCallResult } from "./metrics.ts";

/** The same calendar; how each call of it ended, and how long it took, is told to `observe`. */
export function observeCalendar(calendar: Calendar, observe: (call: CalendarCallResult) => void): Calendar {
  async function timed<T>(operation: string, call: Promise<T>): Promise<T> {
    const begun = performance.now();
    const tell = (outcome: string) =>
      observe({ operation, outcome, seconds: (performance.now() - begun) / 1_000 });
    try {
      const answer = await call;
      tell("ok");
      return answer;
    } catch (error) {
      tell(error instanceof CalendarError ? error.code : "fault");
      throw error;
    }
  }

  return {
    // Asks the provider for nothing.
    reserve: calendar.reserve,
    readBusy: (...asked) => timed("read_busy", calendar.readBusy(...asked)),
    insertEvent: (...asked) => timed("insert_event", calendar.insertEvent(...asked)),
    findEvent: (...asked) => timed("find_event", calendar.findEvent(...asked)),
    moveEvent: (...asked) => timed("move_event", calendar.moveEvent(...asked)),
    touchEvent: (...asked) => timed("touch_event", calendar.touchEvent(...asked)),
    findTroubles: (...asked) => timed("find_troubles", calendar.findTroubles(...asked)),
    removeEvent: (...asked) => timed("remove_event", calendar.removeEvent(...asked)),
    retireEvent: (...asked) => timed("retire_event", calendar.retireEvent(...asked)),
  };
}
