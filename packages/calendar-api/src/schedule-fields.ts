import { z } from "zod";

/** A whole number within bounds. */
export function wholeNumber(least: number, most: number, must = "must be") {
  const message = `${must} a whole number from ${least} to ${most.toLocaleString("en")}`;
  return z.int(message).min(least, message).max(most, message);
}

/** A text of one line. */
export function oneLine(longest: number) {
  return z
    .string("must be a text")
    .trim()
    .min(1, "must not be empty")
    .max(longest, `must be at most ${longest} characters`)
    .regex(/^\P{Cc}*$/u, "must be one line without control characters");
}

export const yesOrNo = z.boolean("must be true or false");

const mustBeDate = "must be a real date written YYYY-MM-DD";

export const date = z.string(mustBeDate).refine(isDate, mustBeDate);

const mustBeInstant = "must be null or a time with its offset, such as 2027-02-01T09:00:00-05:00";

export const instant = z.iso.datetime({ offset: true, error: mustBeInstant });

const mustBeTimeZone = "must be null or a time zone's name such as America/Bogota";

/** An IANA time zone in its own spelling. */
export const timeZone = z.string(mustBeTimeZone).superRefine((name, context) => {
  const known = findTimeZone(name);
  if (known === name) return;
  const message = known === undefined ? mustBeTimeZone : `must be written ${known}`;
  context.addIssue({ code: "custom", message });
});

function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const midnight = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(text);
}

/** The runtime accepts names in any case, and UTC offsets, which aren't zones: they ignore daylight saving time. */
function findTimeZone(name: string): string | undefined {
  if (name.length > 64 || !/^[A-Za-z]/.test(name)) return undefined;
  try {
    // Node before 26 has no Temporal, and only says whether there is such a zone, not how it is spelled.
    if (typeof Temporal === "undefined") {
      new Intl.DateTimeFormat("en", { timeZone: name });
      return name;
    }
    const { timeZoneId } = Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name);
    return timeZoneId.toLowerCase() === name.toLowerCase() ? timeZoneId : undefined;
  } catch {
    return undefined;
  }
}
