import { type Html, html } from "@cita/http";
import type { Language } from "../../language.ts";
import { dateOf, mondayOf, wallTimeOf } from "../../parts/days.ts";
import { badge, type Tone } from "../../parts/notes.ts";
import { formatDay, formatNumber } from "../../parts/times.ts";
import type { Viewer } from "../../viewer.ts";
import { type CallOutcome, toSpeech } from "./answer.ts";
import type { CallForm, ToolCall } from "./tool-call.ts";
import type { TryPage } from "./view.ts";
import { tryWords } from "./words.ts";

/** A call that was made. */
export type CalledTool = {
  readonly call: ToolCall;
  readonly outcome: CallOutcome;
  /** The JSON-RPC response. */
  readonly answer: unknown;
  readonly statusCode: number;
  /** The business's. */
  readonly language: Language;
  readonly tookMs: number;
};

const tones: Readonly<Record<CallOutcome["kind"], Tone>> = { ok: "good", refused: "wait", failed: "bad" };

/** What the person would hear, and below it the request and the answer as they went over the wire. */
export function resultCards(viewer: Viewer, page: TryPage, called: CalledTool): Html {
  const words = tryWords[viewer.language];
  const { outcome, answer, statusCode, tookMs, language } = called;
  const speech = toSpeech(page.tool, outcome, language);
  const heard =
    speech === undefined
      ? html`<p class="soft">${words.heardNothing}</p>`
      : html`<blockquote class="speech" lang="${language}"><bdi>${speech}</bdi></blockquote>`;
  return html`<div class="stack" id="resultado">
<section class="card stack"><div class="row between"><h2>${words.heard}</h2><span class="row">${badge(tones[outcome.kind], words[outcome.kind])}<span class="soft small">${words.tookMs(formatNumber(Math.round(tookMs), viewer.language))}</span></span></div>
${heard}${followUps(viewer, page, outcome)}</section>
<section class="card stack"><h2>${words.request}</h2><pre class="capped" tabindex="0" aria-label="${words.request}"><code>${requestText(page, called)}</code></pre></section>
<section class="card stack"><h2>${words.answer}</h2><pre class="capped" tabindex="0" aria-label="${words.answer}"><code>HTTP ${statusCode}

${JSON.stringify(answer, null, 2)}</code></pre></section>
</div>`;
}

function requestText({ url }: TryPage, { call: { body, attendeePhone } }: CalledTool): string {
  const headers = ["Authorization: Bearer cita_…", "Content-Type: application/json"];
  if (attendeePhone !== undefined) headers.push(`X-Attendee-Phone: ${attendeePhone}`);
  return `POST ${url}\n${headers.join("\n")}\n\n${JSON.stringify(body, null, 2)}`;
}

const timesOffered = 24;

/** What one would do next: book one of the times, see what was booked. */
function followUps({ language }: Viewer, { path, form }: TryPage, outcome: CallOutcome): Html {
  const words = tryWords[language];
  const days = [...Map.groupBy(timesOf(outcome).slice(0, timesOffered), ({ start }) => dateOf(start))];
  if (days.length > 0)
    return html`<h3>${words.bookThis}</h3>${days.map(
      ([date, times]) =>
        html`<div class="stack tight"><p class="small soft">${formatDay(date, language, "UTC")}</p><ul class="choices">${times.map(({ start }) => bookLink(path, form, start))}</ul></div>`,
    )}`;
  if (outcome.kind !== "ok" || outcome.answer.booking_id === undefined) return html``;
  const { booking_id, start } = outcome.answer;
  const week = start === undefined ? "" : `?desde=${mondayOf(dateOf(start))}`;
  return html`<div class="row"><a class="button quiet small" href="${path}/citas/${encodeURIComponent(booking_id)}">${words.seeBooking}</a><a class="button quiet small" href="${path}/semana${week}">${words.seeWeek}</a></div>`;
}

function bookLink(path: string, { servicio, nombre, telefono, bot }: CallForm, start: string): Html {
  const kept = Object.entries({ servicio, nombre, telefono, bot: bot ?? "" }).filter(
    ([, value]) => value !== "",
  );
  const time = { herramienta: "book", fecha: dateOf(start), hora: wallTimeOf(start) };
  const query = new URLSearchParams({ ...time, ...Object.fromEntries(kept) });
  return html`<li><a href="${path}/probar?${query.toString()}">${wallTimeOf(start)}</a></li>`;
}

function timesOf(outcome: CallOutcome): readonly { readonly start: string; readonly label: string }[] {
  if (outcome.kind === "ok") {
    const { slots = [], next_available: next } = outcome.answer;
    return slots.length === 0 && next !== undefined ? [next] : slots;
  }
  return outcome.kind === "refused" ? (outcome.refusal.alternatives ?? []) : [];
}
