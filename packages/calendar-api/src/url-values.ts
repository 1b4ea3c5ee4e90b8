import { z } from "zod";

/** A whole number in a URL: digits alone, where JavaScript also takes `0x10` and `1e2` for numbers. */
export function wholeNumber(least: number, greatest: number) {
  const message = `must be a whole number from ${least} to ${greatest}`;
  return z.preprocess(readDigits, z.number(message).int(message).min(least, message).max(greatest, message));
}

/** A span in a URL, with fractions of a second. */
export function seconds(greatest: number) {
  const message = `must be a number of seconds from 0 to ${greatest}`;
  const read = (value: unknown) =>
    typeof value === "string" && /^\d{1,9}(?:\.\d{1,9})?$/.test(value) ? Number(value) : value;
  return z.preprocess(read, z.number(message).min(0, message).max(greatest, message));
}

function readDigits(value: unknown): unknown {
  return typeof value === "string" && /^\d{1,16}$/.test(value) ? Number(value) : value;
}

/** `limit` of a list. */
export const pageLimit = (byDefault: number, greatest = 200) =>
  wholeNumber(1, greatest)
    .default(byDefault)
    // Zod leaves `default` out of the JSON Schema of what is read from a text.
    .meta({ description: `Entries of one page, at most. Default: ${byDefault}.` });

/** The query of a list that is returned whole. */
export const noQuery = z.strictObject({});
