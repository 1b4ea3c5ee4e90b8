/**
 * The arguments that tools share: their schemas, and which service and which instant they mean by the customer's schedule.
 * They use plain JSON Schema types only: unions and references confuse models, and some vendors refuse them. `refine`
 * checks what a plain schema can't express, with an explanation in words.
 */

import {
  countCharacters,
  hasLetterOrDigit,
  hasVisibleText,
  maxPhoneLength,
  type Schedule,
  toVisibleText,
} from "@cita/calendar-api";
import { ToolError } from "@cita/mcp-endpoint";
import { parsePhoneNumber } from "@cita/phone-numbers";
import { createClock, formatTime, minuteMs, parseDate, parseTime, type ZoneClock } from "@cita/scheduling";
import { z } from "zod";
import { type AvailabilityDeps, readTimeZone } from "../bookings/availability.ts";
import { localized, serviceName, wordsOf } from "../language/language.ts";
import type { Words } from "../language/words.ts";
import { findService, type ServiceChoice } from "../schedules/slot-rules.ts";

export const date = z
  .string("is required: a date such as 2027-01-18")
  .refine((text) => parseDate(text) !== undefined, "must be a real date written YYYY-MM-DD");

export const startIso = z
  .string("is required: the start of a free slot")
  .max(40, "must be a date and time")
  .describe("Exactly as get_available_slots gave it: 2027-01-18T09:00:00-05:00.");

export const service = z
  .string("must be a text")
  .max(100, "is too long")
  .optional()
  .describe("Id of the service, if there are several.");

export const durationMinutes = z
  .int("must be a whole number of minutes")
  .min(5, "must be at least 5")
  .max(720, "must be at most 720")
  .optional()
  .describe("Only for another length than the service's own.");

export const bookingId = z
  .string("is required: the booking_id of an appointment")
  .refine((text) => text !== "", "is required: the booking_id of an appointment")
  .max(100, "is too long")
  .describe("As book or list_bookings gave it.");

/** Free text that somebody wrote, without characters that a screen doesn't show. */
export const text = (longest: number, otherwise = "must be a text") =>
  z
    .string(otherwise)
    .overwrite(toVisibleText)
    .refine(hasVisibleText, "must not be empty")
    .refine((value) => countCharacters(value) <= longest, `must be at most ${longest} characters`);

/** A person's name. */
export const name = text(200, "is required: the name of whom it is for").refine(
  hasLetterOrDigit,
  "must have a letter or a digit: ask for the name",
);

const writtenText = z
  .string("must be a text")
  .max(maxPhoneLength, { error: `must be at most ${maxPhoneLength} characters`, abort: true })
  .refine(
    (value) => parsePhoneNumber(value) !== undefined,
    "must be a real phone number with its country code, such as +57 300 123 4567",
  );

/** A phone number to search for, in the E.164 form that is stored. */
export const phone = writtenText.transform((value) => parsePhoneNumber(value) ?? value).optional();

/** A phone number to store: in E.164, and as it was written. */
export const writtenPhone = writtenText
  .transform((value) => ({ number: parsePhoneNumber(value) ?? value, written: toVisibleText(value) }))
  .optional();

const address = z.email();

export const email = z
  .string("must be a text")
  .max(254, "must be at most 254 characters")
  .transform((value) => value.trim())
  .refine((value) => address.safeParse(value).success, "must be a real e-mail address")
  .optional();

/** The service that is named, or the first one. @throws ToolError `unknown_service`, naming those there are. */
export function chooseService(
  schedule: Schedule,
  id: string | undefined,
  durationMinutes: number | undefined,
): ServiceChoice {
  const service = findService(schedule, id);
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
