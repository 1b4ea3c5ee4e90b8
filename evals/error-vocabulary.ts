import type { ToolErrorCode } from "@cita/mcp-endpoint";
import type { Outcome, ToolErrorAnswer } from "./answer-path.ts";
import { type Language, toolNames } from "./conversation.ts";

/** Every code a tool can answer with: the compiler says when one is missing here. */
const codes: Record<ToolErrorCode, true> = {
  not_connected: true,
  reconnect_required: true,
  slot_taken: true,
  outside_hours: true,
  too_soon: true,
  too_far: true,
  invalid_time: true,
  invalid_arguments: true,
  unknown_service: true,
  booking_not_found: true,
  idempotency_conflict: true,
  calendar_unavailable: true,
  rate_limited: true,
  unknown_customer: true,
  limit_reached: true,
};
export const errorCodes = Object.keys(codes);

const withAlternatives = ["slot_taken", "outside_hours"];
/** Words with an underscore that aren't tools: arguments and members of answers. */
const otherNames = ["booking_id", "idempotency_key", "date_iso"];

/** Words that a language alone has, of those that messages need most. */
const telltales: Record<Language, RegExp> = {
  en: /(?<!\p{L})(the|that|this|isn't|can't|couldn't|details|appointment)(?!\p{L})/iu,
  es: /(?<!\p{L})(esa|cita|así|datos|clave|ese día|negocio no)(?!\p{L})/iu,
  pt: /(?<!\p{L})(não|esse|essa|agendamento|horário|dados|pedido)(?!\p{L})/iu,
};
/** Where the business may not be known well enough for its language. */
const inAnyLanguage = ["not_connected", "unknown_customer"];

/**
 * What is wrong with an outcome's words, whatever it is about.
 * @param language the business's.
 */
export function findBadWords(outcome: Outcome, language: Language): string[] {
  const text = JSON.stringify(outcome);
  return [
    ...(/\/connect\/|Vecina Secreta|ya29\.|gAAAA/.test(text)
      ? ["an answer tells what isn't the agent's"]
      : []),
    ...(outcome.error === undefined
      ? []
      : [...findPoorAdvice(outcome.error), ...findForeignWords(outcome.error, language)]),
  ];
}

function findPoorAdvice({ code, message, next_step, retryable, alternatives }: ToolErrorAnswer): string[] {
  const named = next_step?.match(/[a-z]+(_[a-z]+)+/g) ?? [];
  const unknown = named.filter((name) => !otherNames.includes(name) && !isTool(name));
  const offers = Array.isArray(alternatives) && alternatives.length > 0;
  return [
    ...(errorCodes.includes(code) ? [] : [`${code} is no code of the vocabulary`]),
    ...(isSentence(message) ? [] : [`${code} has no message that could be said`]),
    ...(isSentence(next_step) ? [] : [`${code} has no next_step`]),
    ...(typeof retryable === "boolean" ? [] : [`${code} doesn't say whether to try again`]),
    ...unknown.map((name) => `the next_step of ${code} names ${name}, which doesn't exist`),
    ...(withAlternatives.includes(code) && !offers ? [`${code} has no alternatives`] : []),
  ];
}

function findForeignWords({ code, message }: ToolErrorAnswer, language: Language): string[] {
  if (inAnyLanguage.includes(code)) return [];
  return Object.entries(telltales)
    .filter(([other, words]) => other !== language && words.test(message))
    .map(([other]) => `the message of ${code} is ${other}, not ${language}: ${message}`);
}

function isTool(name: string): boolean {
  return toolNames.some((tool) => tool === name);
}

function isSentence(text: unknown): boolean {
  return typeof text === "string" && /^\p{Lu}.{8,}[.?]$/u.test(text) && !/undefined|null|\{/.test(text);
}
