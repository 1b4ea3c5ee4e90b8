import type { Calendar } from "./calendar.ts";
import { loadOnce } from "./load-once.ts";

/** The same calendar, made when it is first asked for something. A making that fails is tried again. */
export function deferCalendar(make: () => Promise<Calendar>): Calendar {
  const calendar = loadOnce(make);
  return {
    reserve: async (...asked) => (await calendar()).reserve(...asked),
    readBusy: async (...asked) => (await calendar()).readBusy(...asked),
    insertEvent: async (...asked) => (await calendar()).insertEvent(...asked),
    findEvent: async (...asked) => (await calendar()).findEvent(...asked),
    moveEvent: async (...asked) => (await calendar()).moveEvent(...asked),
    touchEvent: async (...asked) => (await calendar()).touchEvent(...asked),
    findTroubles: async (...asked) => (await calendar()).findTroubles(...asked),
    removeEvent: async (...asked) => (await calendar()).removeEvent(...asked),
    retireEvent: async (...asked) => (await calendar()).retireEvent(...asked),
  };
}
