/** Resolves arguments by the customer's schedule: which service, and which instant. */

import type { Schedule } from "@cita/calendar-api";
import { ToolError } from "@cita/mcp-endpoint";
import { createClock, formatTime, minuteMs, parseTime, type ZoneClock } from "@cita/scheduling";
import { type AvailabilityDeps, readTimeZone } from "../bookings/availability.ts";
import { localized, serviceName, wordsOf } from "../language/localized.ts";
import type { Words } from "../language/words.ts";
import type { ServiceChoice } from "../schedules/slot-rules.ts";

/** The service that is named, or the first one. @throws ToolError `unknown_service`, naming those there are. */
export function chooseService(
  schedule: Schedule,
  name: string | undefined,
  durationMinutes: number | undefined,
): ServiceChoice {
  const service = name === undefined ? schedule.services[0] : schedule.services.find(({ id }) => id === name);
  if (service === undefined) {
    throw new ToolError("unknown_service", {
      message: localized(({ unknownService }) => unknownService),
      retryable: false,
      next_step: "Ask which of these services the person wants, and use its id.",
      details: (language) => ({
        services: schedule.services.map((each) => ({
          id: each.id,
          name: serviceName(each, wordsOf(language)),
        })),
      }),
    });
  }
  return { service, durationMs: (durationMinutes ?? service.duration_minutes) * minuteMs };
}

/**
 * The instant of a start. Without an offset it is the business's wall time, which needs the calendar's time zone.
 * @throws ToolError `invalid_time`, also where the wall time doesn't exist or exists twice; CalendarError
 */
export async function readStart(
  deps: AvailabilityDeps,
  business: { readonly customerId: string; readonly schedule: Schedule },
  startIso: string,
): Promise<number> {
  const parsed = parseTime(startIso);
  if (parsed === undefined) throw invalidTime((words) => words.unreadableTime);
  if (parsed.kind === "instant") return parsed.instant;
  const clock = createClock(await readTimeZone(deps, business));
  const [instant, second] = clock.instantsOf(parsed.local);
  if (instant === undefined) {
    const pushed = clock.opening(parsed.local);
    throw invalidTime((words) => words.skippedTime, clock, [pushed, parsed.local - clock.offsetAt(pushed)]);
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
  const formatted = clock && readings.sort((a, b) => a - b).map((instant) => formatTime(clock, instant).iso);
  return new ToolError("invalid_time", {
    message: localized(message),
    retryable: false,
    next_step: "Use a start exactly as get_available_slots gave it.",
    ...(formatted && { details: { readings: formatted } }),
  });
}
