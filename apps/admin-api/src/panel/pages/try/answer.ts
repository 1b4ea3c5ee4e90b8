import { z } from "zod";
import type { Language } from "../../language.ts";
import { type SpokenWords, spokenWords } from "./spoken-words.ts";

/** What became of a call, as far as the page tells it. */
export type CallOutcome =
  | { readonly kind: "ok"; readonly answer: ToolAnswer }
  | { readonly kind: "refused"; readonly refusal: Refusal }
  /** By HTTP or JSON-RPC: no tool was called. */
  | { readonly kind: "failed" };

const time = z.object({ start: z.string(), label: z.string() });

/** Members of all tools' answers that are shown or said. */
const toolAnswer = z.object({
  slots: z.array(time).optional(),
  service: z.string().optional(),
  reason: z.enum(["closed", "fully_booked", "too_soon", "too_far"]).optional(),
  next_available: time.optional(),
  bookings: z.array(time).optional(),
  booking_id: z.string().optional(),
  status: z.enum(["confirmed", "cancelled"]).optional(),
  start: z.string().optional(),
  label: z.string().optional(),
  services: z.array(z.object({ name: z.string() })).optional(),
  hours: z.array(z.string()).optional(),
});
export type ToolAnswer = z.output<typeof toolAnswer>;

const refusal = z.object({
  error: z.object({ message: z.string(), alternatives: z.array(time).optional() }),
});
export type Refusal = z.output<typeof refusal>["error"];

const rpcAnswer = z.object({
  result: z.object({
    isError: z.boolean().optional(),
    structuredContent: z.unknown().optional(),
    content: z.array(z.object({ text: z.string() })),
  }),
});

/** @param body of the JSON-RPC response. */
export function readOutcome(body: unknown): CallOutcome {
  const response = rpcAnswer.safeParse(body);
  if (!response.success) return { kind: "failed" };
  const { isError, structuredContent, content } = response.data.result;
  if (!isError) return { kind: "ok", answer: toolAnswer.parse(structuredContent) };
  return { kind: "refused", refusal: refusal.parse(JSON.parse(content[0]?.text ?? "{}")).error };
}

const spokenAtMost = 6;

/** What an agent would say to the person. @returns undefined where the person hears nothing */
export function toSpeech(tool: string, outcome: CallOutcome, language: Language): string | undefined {
  const words = spokenWords[language];
  switch (outcome.kind) {
    case "ok":
      return sayAnswer(tool, outcome.answer, words);
    case "refused": {
      const { message, alternatives = [] } = outcome.refusal;
      return alternatives.length === 0
        ? message
        : `${message} ${words.alternatives(join(alternatives, words))}`;
    }
    case "failed":
      return undefined;
  }
}

function sayAnswer(tool: string, answer: ToolAnswer, words: SpokenWords): string {
  const { slots, bookings, services = [], hours = [], label = "" } = answer;
  if (slots !== undefined)
    return slots.length > 0 ? words.free(join(slots, words)) : sayNothingFree(answer, words);
  if (bookings !== undefined)
    return bookings.length > 0 ? words.bookings(join(bookings, words)) : words.noBookings;
  if (tool === "book") return words.booked(label);
  if (tool === "reschedule_booking") return words.moved(label);
  if (tool === "cancel_booking") return words.cancelled(label);
  return words.business(services.map(({ name }) => name).join(", "), hours.join("; "));
}

function sayNothingFree({ reason, next_available: next }: ToolAnswer, words: SpokenWords): string {
  const why = words.nothingFree[reason ?? "none"];
  return next === undefined ? why : `${why} ${words.nextFree(next.label)}`;
}

function join(times: readonly { readonly label: string }[], words: SpokenWords): string {
  const said = times.slice(0, spokenAtMost).map(({ label }) => cutLabel(label));
  const days = [...Map.groupBy(said, ({ day }) => day)];
  const spoken = days.map(([day, ofDay]) => `${day}, ${ofDay.map(({ time }) => time).join(", ")}`);
  const rest = times.length - said.length;
  return [...spoken, ...(rest > 0 ? [words.more(rest)] : [])].join("; ");
}

/** The day and the time of a label: a person says the day once. */
function cutLabel(label: string): { readonly day: string; readonly time: string } {
  const end = label.lastIndexOf(", ");
  return { day: label.slice(0, end), time: label.slice(end + 2) };
}
