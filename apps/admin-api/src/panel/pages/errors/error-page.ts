import { CalendarApiError } from "@cita/calendar-api";
import { type Html, html } from "@cita/http";
import { IntegrationsApiError } from "@cita/integrations-api";
import type { FastifyError } from "fastify";
import type { Language } from "../../language.ts";
import { mayBeDone } from "../../parts/calendar-trouble.ts";
import { emptyState } from "../../parts/notes.ts";
import { errorWords } from "./words.ts";

export type ErrorPage = { readonly statusCode: number; readonly title: string; readonly body: Html };

type Words = (typeof errorWords)["es"];
type Kind =
  | "notFound"
  | "forbidden"
  | "crossSite"
  | "calendar"
  | "integrations"
  | "mayBeDone"
  | "wrong"
  | "invalid"
  | "wait";

/** What was asked for, and by whom. */
export type ErrorContext = {
  readonly language: Language;
  readonly requestId: string;
  /** The page to try again; undefined: what was asked for takes forms alone, and a link to it leads nowhere. */
  readonly retryPath: string | undefined;
  /** The page of the customer whom it was about. */
  readonly customerPath: string | undefined;
  /** Something was to be changed. */
  readonly isChange: boolean;
};

/** What a person is told of an error. Of one that isn't theirs they get the id under which it is logged. */
export function explainError(
  error: Pick<FastifyError, "statusCode" | "code">,
  { language, requestId, retryPath, customerPath, isChange }: ErrorContext,
): ErrorPage {
  const words = errorWords[language];
  const kind = isChange && mayBeDone(error) ? "mayBeDone" : kindOf(error);
  const text: Words = words;
  const more = kind === "wrong" && html`<p><code>${requestId}</code></p>`;
  const link = (path: string, label: string) => html`<a class="button" href="${path}">${label}</a>`;
  const again = isOfService(kind) || kind === "wrong" || kind === "wait";
  const place =
    customerPath !== undefined && (again || kind === "mayBeDone")
      ? link(customerPath, words.toCustomer)
      : link("/", words.home);
  const action = again && retryPath !== undefined ? link(retryPath, words.retry) : place;
  const body = emptyState("warning", text[`${kind}Title`], text[`${kind}Text`], html`${more}${action}`);
  return { statusCode: statusOf(error, kind), title: text[`${kind}Title`], body };
}

function kindOf(error: Pick<FastifyError, "statusCode" | "code">): Kind {
  if (error.code === "cross_site_request") return "crossSite";
  if (isUnavailable(error)) return "calendar";
  if (error instanceof IntegrationsApiError && error.statusCode >= 500) return "integrations";
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
  return isOfService(kind) || kind === "mayBeDone" ? 503 : statusCode;
}

function isOfService(kind: Kind): boolean {
  return kind === "calendar" || kind === "integrations";
}

/** Whether the calendar service doesn't answer, or can't now. */
export function isUnavailable(error: unknown): boolean {
  return error instanceof CalendarApiError && (error.statusCode ?? 500) >= 500;
}
