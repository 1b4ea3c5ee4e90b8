import { CalendarApiError } from "@cita/calendar-api";
import { type Html, html } from "@cita/http";
import type { FastifyError } from "fastify";
import type { Language } from "../../language.ts";
import { emptyState } from "../../parts/notes.ts";
import { errorWords } from "./words.ts";

export type ErrorPage = { readonly statusCode: number; readonly title: string; readonly body: Html };

type Words = (typeof errorWords)["es"];
type Kind = "notFound" | "forbidden" | "crossSite" | "calendar" | "wrong" | "invalid" | "wait";

/** What a person is told of an error. Of one that isn't theirs they get the id under which it is logged. */
export function explainError(
  error: Pick<FastifyError, "statusCode" | "code">,
  { language, requestId, path }: { language: Language; requestId: string; path: string },
): ErrorPage {
  const words = errorWords[language];
  const kind = kindOf(error);
  const text: Words = words;
  const more = kind === "wrong" && html`<p><code>${requestId}</code></p>`;
  const again = kind === "calendar" || kind === "wrong" || kind === "wait";
  const action = again
    ? html`<a class="button" href="${path}">${words.retry}</a>`
    : html`<a class="button" href="/">${words.home}</a>`;
  const body = emptyState("warning", text[`${kind}Title`], text[`${kind}Text`], html`${more}${action}`);
  return { statusCode: statusOf(error, kind), title: text[`${kind}Title`], body };
}

function kindOf(error: Pick<FastifyError, "statusCode" | "code">): Kind {
  if (error.code === "cross_site_request") return "crossSite";
  if (isUnavailable(error)) return "calendar";
  switch (error.statusCode) {
    case 404:
      return "notFound";
    case 403:
      return "forbidden";
    case 429:
      return "wait";
    default:
      return (error.statusCode ?? 500) < 500 ? "invalid" : "wrong";
  }
}

function statusOf({ statusCode = 500 }: Pick<FastifyError, "statusCode">, kind: Kind): number {
  return kind === "calendar" ? 503 : statusCode;
}

/** Whether the calendar service doesn't answer, or can't now. */
export function isUnavailable(error: unknown): boolean {
  return error instanceof CalendarApiError && (error.statusCode ?? 500) >= 500;
}
