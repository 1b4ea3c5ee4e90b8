import type { Schedule } from "@cita/calendar-api";
import { ToolError } from "@cita/mcp-endpoint";
import { createClock, formatTime, parseTime, type ZoneClock } from "@cita/scheduling";
import { timeZoneOf } from "../bookings/availability.ts";
import { localized, type Words } from "../language/words.ts";
import type { ToolDeps } from "./tool-deps.ts";

/**
 * The instant meant. Written without an offset it is the business's wall time, and is refused where
 * that wall time doesn't exist or exists twice. @throws ToolError `invalid_time`, CalendarError
 */
export async function readStart(
  deps: ToolDeps,
  customerId: string,
  schedule: Schedule,
  startIso: string,
): Promise<number> {
  const read = parseTime(startIso);
  if (read === undefined) {
    throw invalidTime((words) => words.unreadableTime);
  }
  if (read.kind === "instant") return read.instant;
  const clock = createClock(await timeZoneOf(deps, customerId, schedule));
  const [instant, second] = clock.instantsOf(read.local);
  if (instant === undefined) {
    const pushed = clock.opening(read.local);
    throw invalidTime((words) => words.skippedTime, clock, [pushed, read.local - clock.offsetAt(pushed)]);
  }
  if (second !== undefined) {
    throw invalidTime((words) => words.repeatedTime, clock, [instant, second]);
  }
  return instant;
}

function invalidTime(
  message: (words: Words) => string,
  clock?: ZoneClock,
  readings: number[] = [],
): ToolError {
  const said = clock && readings.sort((a, b) => a - b).map((instant) => formatTime(clock, instant).iso);
  return new ToolError("invalid_time", {
    message: localized(message),
    retryable: false,
    next_step: "Use a start exactly as get_available_slots gave it.",
    details: said && { readings: said },
  });
}
