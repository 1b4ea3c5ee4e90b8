import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";

/** The shapes of `businesses.yaml` and `conversations/*.yaml`, and how they are read. */

export const languages = ["es", "en", "pt"] as const;
export type Language = (typeof languages)[number];

export const toolNames = [
  "get_business_info",
  "get_available_slots",
  "book",
  "list_bookings",
  "reschedule_booking",
  "cancel_booking",
] as const;
export type ToolName = (typeof toolNames)[number];

const instant = z.iso.datetime({ offset: true });
/** Wall time in the business's calendar. */
const wallTime = z.iso.datetime({ local: true });
const period = z.strictObject({ start: wallTime, end: wallTime });

const business = z.strictObject({
  name: z.string(),
  /** Of its Google calendar. */
  time_zone: z.string(),
  /** In which its agents are answered. Written down apart from the schedule, so that the two can disagree. */
  language: z.enum(languages),
  /** As `PUT /v1/customer-calendars/:customer_id/schedule` takes it. */
  schedule: z.record(z.string(), z.unknown()),
  /** Holidays and days off that the conversations touch. Apart from the schedule for the same reason. */
  closed_dates: z.array(z.iso.date()).default([]),
});
export type Business = z.output<typeof business>;

/** What somebody other than the agent does. */
const externalChange = z.union([
  z.strictObject({ event: period }).describe("The business puts something into its calendar."),
  z
    .strictObject({ moved_to: period })
    .describe("The business moves the only booking; the next call must read the calendar."),
  z.strictObject({ calendar: z.enum(["down", "overloaded", "up"]) }).describe("Whether Google answers."),
  z.strictObject({ now: instant }).describe("Time passes."),
]);
export type ExternalChange = z.output<typeof externalChange>;

/**
 * What an outcome must contain, by path: `{"slots.length": 0, reason: closed}`, `{"error.code": slot_taken}`. It must
 * not be an error unless a path leads into one.
 */
const expectation = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

const call = z.strictObject({
  tool: z.enum(toolNames),
  /**
   * The text `$2.slots.0.start` stands for that part of the second call's answer, and
   * `$2.slots@2027-01-18T15:00.start` for that part of the slot that starts then.
   */
  args: z.record(z.string(), z.union([z.string(), z.number()])).default({}),
  /** What others do before the call. */
  meanwhile: z.array(externalChange).default([]),
  gets: expectation.default({}),
});
export type ScriptedCall = z.output<typeof call>;

const booking = z.strictObject({
  start: instant,
  service: z.string(),
  attendee_name: z.string(),
  attendee_phone: z.string().nullable().default(null),
  attendee_email: z.string().nullable().default(null),
});
export type ExpectedBooking = z.output<typeof booking>;

const conversation = z.strictObject({
  id: z.string().regex(/^(es|en|pt)-[a-z0-9-]+$/),
  language: z.enum(languages),
  topic: z.string(),
  business: z.string(),
  now: instant,
  connection: z.enum(["connected", "never_connected", "revoked", "unknown_customer"]).default("connected"),
  /** The business's own, in its calendar. */
  events: z.array(period).default([]),
  /** Made before the conversation. */
  bookings: z.array(booking).default([]),
  /** What the person writes, turn by turn. */
  says: z.array(z.string()).min(1),
  /** The person's phone number without its country code, which a careless agent passes on as it is. */
  local_phone: z.string().optional(),
  /** The script: what a good agent does. */
  calls: z.array(call).min(1),
  /** The bookings after the conversation, soonest first, each with its event. The calendar has no further event of ours. */
  leaves: z.array(booking).default([]),
});
export type Conversation = z.output<typeof conversation>;

export type Evals = { businesses: Record<string, Business>; conversations: Conversation[] };

/** @throws ZodError where a file doesn't have its shape. */
export function loadEvals(): Evals {
  const folder = join(import.meta.dirname, "conversations");
  const files = readdirSync(folder).sort();
  return {
    businesses: z.record(z.string(), business).parse(readYaml(join(import.meta.dirname, "businesses.yaml"))),
    conversations: files.flatMap((file) => z.array(conversation).parse(readYaml(join(folder, file)))),
  };
}

function readYaml(file: string): unknown {
  return parse(readFileSync(file, "utf8"));
}
