import { z } from "zod";

/** What stands in a diary. Its times are instants in milliseconds; of a whole day they are midnights of UTC, whatever the zone. */
export type Entry = {
  readonly id: string;
  tag: string;
  title: string;
  note: string;
  from: number;
  to: number;
  /** The time zone whose clock the occurrences of a series keep to. */
  clock: string;
  wholeDay: boolean;
  shows: "busy" | "free" | "maybe";
  /** What the diary's owner has answered to the invitation, where it is one. */
  answer: "none" | "accepted" | "declined" | "maybe";
  state: "planned" | "called_off" | "removed";
  guests: readonly Guest[];
  labels: Readonly<Record<string, string>>;
  repeats: Repetition | null;
};

type Guest = z.infer<typeof guest>;
type Repetition = z.infer<typeof repetition>;

const guest = z.strictObject({ mail: z.string().includes("@"), name: z.string() });
const repetition = z.strictObject({ everyDays: z.int().min(1), times: z.int().min(1).max(500) });

/** `2027-01-18 10:00:00` on the clock of a time zone. */
const wall = /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/;

export const when = z
  .strictObject({ from: z.string().regex(wall), to: z.string().regex(wall), clock: z.string() })
  .transform(({ from, to, clock }, context) => {
    try {
      return { from: toInstant(from, clock), to: toInstant(to, clock), clock };
    } catch {
      context.addIssue({ code: "custom", message: "no such clock" });
      return z.NEVER;
    }
  });

/** What a request may say of an entry. */
export const changes = z.strictObject({
  title: z.string().max(500).optional(),
  note: z.string().optional(),
  when: when.optional(),
  wholeDay: z.boolean().optional(),
  shows: z.enum(["busy", "free", "maybe"]).optional(),
  answer: z.enum(["none", "accepted", "declined", "maybe"]).optional(),
  state: z.enum(["planned", "called_off"]).optional(),
  guests: z.array(guest).max(500).optional(),
  labels: z.record(z.string(), z.string()).optional(),
  repeats: repetition.nullable().optional(),
});

export type Changes = z.output<typeof changes>;

function toInstant(text: string, clock: string): number {
  return Temporal.PlainDateTime.from(text.replace(" ", "T")).toZonedDateTime(clock).epochMilliseconds;
}

/** Answers say every time on the clock of UTC. */
function toWall(instant: number): string {
  return new Date(instant).toISOString().slice(0, 19).replace("T", " ");
}

/** The time of one occurrence of an entry. */
export function timeOf({ from, to, clock, repeats }: Entry, occurrence: number) {
  const days = occurrence * (repeats?.everyDays ?? 0);
  const shift = (instant: number) =>
    Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(clock).add({ days }).epochMilliseconds;
  return { from: shift(from), to: shift(to) };
}

/** An entry, or one occurrence of it, as it is answered. */
export function toAnswer(entry: Entry, occurrence?: number): Readonly<Record<string, unknown>> {
  const { from: _, to: __, clock: ___, guests, id, ...rest } = entry;
  const { from, to } = timeOf(entry, occurrence ?? 0);
  return {
    ...rest,
    id: occurrence === undefined ? id : `${id}.${occurrence}`,
    series: occurrence === undefined ? null : id,
    when: { from: toWall(from), to: toWall(to), clock: "UTC" },
    guests: guests.map((one) => ({ ...one })),
  };
}
