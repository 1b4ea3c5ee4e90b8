import { readDate } from "@cita/scheduling";
import { z } from "zod";

/**
 * The arguments tools share. Plain JSON Schema types only: unions and references confuse models and
 * some vendors refuse them. What a schema can't say is checked by `refine` and said in words.
 */

export const date = z
  .string("is required: a date such as 2027-01-18")
  .refine((text) => readDate(text) !== undefined, "must be a real date written YYYY-MM-DD");

export const service = z
  .string("must be a text")
  .max(100, "is too long")
  .optional()
  .describe("Id of the service to book. Leave it out when there is only one.");

export const durationMinutes = z
  .int("must be a whole number of minutes")
  .min(5, "must be at least 5")
  .max(720, "must be at most 720")
  .optional()
  .describe("Only when the person needs another length than the service's own.");

/** Free text of a person. Control characters can't be typed and only do harm further on. */
export const text = (longest: number) =>
  z
    .string("must be a text")
    .transform((value) => value.replaceAll(/\p{Cc}+/gu, " ").trim())
    .refine((value) => value.length > 0, "must not be empty")
    .refine((value) => value.length <= longest, `must be at most ${longest} characters`);
