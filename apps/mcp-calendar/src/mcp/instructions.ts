import type { BusinessDay } from "./business-day.ts";

/** What a host tells its model about this server before anything is called. */
export function writeInstructions(today: BusinessDay | undefined): string {
  return [
    "Books appointments into one business's own calendar.",
    today === undefined
      ? "Call get_business_info first: it tells today's date and the time zone there, the services and the hours."
      : `Today is ${today.weekday} ${today.date} there (time zone ${today.timeZone}). Services and hours: get_business_info.`,
    "1. Find free times with get_available_slots; offer no others.",
    "2. Repeat the weekday, date and time to the person and wait for a yes.",
    "3. Then call book, with start_iso exactly as it was given.",
    "An appointment exists only when book answers confirmed. Every answer carries the time zone, and the time " +
      "there (now) where it matters: use them, never your own idea of today's date. If a tool answers with an " +
      "error, follow its next_step.",
  ].join("\n");
}
