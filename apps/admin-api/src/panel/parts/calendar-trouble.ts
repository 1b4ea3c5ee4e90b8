import { CalendarApiError } from "@cita/calendar-api";
import { IntegrationsApiError } from "@cita/integrations-api";
import { isNotSent } from "@cita/service-client";
import type { Viewer } from "../viewer.ts";
import { type TroubleWords, troubleWords } from "./calendar-trouble-words.ts";

export type Trouble = {
  /** What a person is told. */
  readonly text: string;
  /** Of the page that tells it. */
  readonly statusCode: number;
};

/**
 * Explains why a calendar can't be read or a booking can't be changed.
 * @param asked of a change that isn't answered it is told that it may have been made.
 * @throws the error itself where it is another
 */
export function explainTrouble(
  { language }: Pick<Viewer, "language">,
  error: unknown,
  asked: "reading" | "change" = "reading",
): Trouble {
  if (!(error instanceof CalendarApiError)) throw error;
  const words = troubleWords[language];
  const ofService = asked === "change" && mayBeDone(error) ? "mayBeDone" : "service";
  const code = error.code.startsWith("calendar_service_") ? ofService : error.code;
  if (!isKnown(words, code)) throw error;
  return { text: words[code], statusCode: error.statusCode >= 500 ? 503 : error.statusCode };
}

const unansweredCodes: ReadonlySet<string> = new Set([
  ...["calendar_service_unavailable", "integrations_service_unavailable"],
]);

/** Whether a service of ours may have done what it was asked for, though its answer didn't arrive. */
export function mayBeDone(error: unknown): boolean {
  const isOfService = error instanceof CalendarApiError || error instanceof IntegrationsApiError;
  return isOfService && unansweredCodes.has(error.code) && !isNotSent(error.cause);
}

function isKnown(words: TroubleWords, code: string): code is keyof TroubleWords {
  return Object.hasOwn(words, code);
}
