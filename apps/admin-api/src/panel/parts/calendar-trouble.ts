import { CalendarApiError } from "@cita/calendar-api";
import type { Viewer } from "../viewer.ts";
import { type TroubleWords, troubleWords } from "./calendar-trouble-words.ts";

export type Trouble = {
  /** What a person is told. */
  readonly text: string;
  /** Of the page that tells it. */
  readonly statusCode: number;
};

/** Explains why a calendar can't be read or a booking can't be changed. @throws the error itself where it is another */
export function explainTrouble({ language }: Pick<Viewer, "language">, error: unknown): Trouble {
  if (!(error instanceof CalendarApiError)) throw error;
  const words = troubleWords[language];
  const code = error.code.startsWith("calendar_service_") ? "service" : error.code;
  if (!isKnown(words, code)) throw error;
  return { text: words[code], statusCode: error.statusCode >= 500 ? 503 : error.statusCode };
}

function isKnown(words: TroubleWords, code: string): code is keyof TroubleWords {
  return Object.hasOwn(words, code);
}
