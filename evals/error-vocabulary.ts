import type { ToolErrorCode } from "@cita/mcp-endpoint";
import { type Language, toolNames } from "./conversation.ts";
import type { Outcome, ToolErrorAnswer } from "./outcome.ts";

/** Every code of a tool error. `tsc` fails where one is missing. */
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

const codesWithAlternatives = ["slot_taken", "outside_hours"];
/** Words with an underscore that aren't tools: arguments and members of answers. */
const otherNames = ["booking_id", "idempotency_key", "date_iso"];

/** Words that many messages contain and that occur in one of the languages alone. */
const languageMarkers: Record<Language, RegExp> = {
  en: /(?<!\p{L})(the|that|this|isn't|can't|couldn't|details|appointment)(?!\p{L})/iu,
  es: /(?<!\p{L})(esa|cita|así|datos|clave|ese día|negocio no)(?!\p{L})/iu,
  pt: /(?<!\p{L})(não|esse|essa|agendamento|horário|dados|pedido)(?!\p{L})/iu,
};
/** Errors about a business whose language may be unknown. */
const codesInAnyLanguage = ["not_connected", "unknown_customer"];

/**
 * What is wrong with the text of an outcome: a secret, an error without advice, or the wrong language.
 * @param language the business's.
 */
export function findWordingProblems(outcome: Outcome, language: Language): string[] {
  const text = JSON.stringify(outcome);
  return [
    ...(/\/connect\/|Vecina Secreta|ya29\.|gAAAA/.test(text)
      ? ["an answer contains a link, a token or another customer's data"]
      : []),
    ...(outcome.error === undefined
      ? []
      : [...findAdviceProblems(outcome.error), ...findOtherLanguages(outcome.error, language)]),
  ];
}

function findAdviceProblems({
  code,
  message,
  next_step,
  retryable,
  alternatives,
}: ToolErrorAnswer): string[] {
  const named = next_step?.match(/[a-z]+(_[a-z]+)+/g) ?? [];
  const unknown = named.filter((name) => !otherNames.includes(name) && !isTool(name));
  const offers = Array.isArray(alternatives) && alternatives.length > 0;
  return [
    ...(errorCodes.includes(code) ? [] : [`${code} is no code of the vocabulary`]),
    ...(isSentence(message) ? [] : [`${code} has no message that is a sentence`]),
    ...(isSentence(next_step) ? [] : [`${code} has no next_step`]),
    ...(typeof retryable === "boolean" ? [] : [`${code} doesn't say whether to try again`]),
    ...unknown.map((name) => `the next_step of ${code} names ${name}, which doesn't exist`),
    ...(codesWithAlternatives.includes(code) && !offers ? [`${code} has no alternatives`] : []),
  ];
}

function findOtherLanguages({ code, message }: ToolErrorAnswer, language: Language): string[] {
  if (codesInAnyLanguage.includes(code)) return [];
  return Object.entries(languageMarkers)
    .filter(([other, words]) => other !== language && words.test(message))
    .map(([other]) => `the message of ${code} is ${other}, not ${language}: ${message}`);
}

function isTool(name: string): boolean {
  return toolNames.some((tool) => tool === name);
}

function isSentence(text: unknown): boolean {
  return typeof text === "string" && /^\p{Lu}.{8,}[.?]$/u.test(text) && !/undefined|null|\{/.test(text);
}
