import type { Alternative, BookingView, Period } from "@cita/calendar-api";
import { type Html, html } from "@cita/http";
import { addDays } from "@cita/scheduling";
import { attendeeName, periodText } from "../../parts/bookings.ts";
import { type DateText, dateOf, wallTimeOf } from "../../parts/days.ts";
import { csrfField } from "../../parts/forms.ts";
import { note } from "../../parts/notes.ts";
import { formatDay } from "../../parts/times.ts";
import type { Viewer } from "../../viewer.ts";
import { bookingsWords } from "./words.ts";

export const daysShown = 7;

export type Move = {
  readonly path: string;
  readonly booking: BookingView;
  readonly serviceName: string;
  /** The first day shown. */
  readonly from: DateText;
  readonly today: DateText;
  /** Where the booking could go; null: it can't be read. */
  readonly free: readonly Period[] | null;
  readonly problem?: { readonly text: string; readonly alternatives: readonly Alternative[] } | undefined;
};

/** The free times by day, to choose one of. */
export function moveBody(viewer: Viewer, move: Move): Html {
  const { language } = viewer;
  const words = bookingsWords[language];
  const { booking, path, problem, free, from } = move;
  const own = `${path}/citas/${encodeURIComponent(booking.booking_id)}`;
  const sameTime =
    booking.stranded &&
    html`<label class="check"><input type="radio" name="start_iso" value="${booking.start}"><span>${words.sameTime}</span></label>`;
  const alternatives = problem?.alternatives ?? [];
  return html`${problem !== undefined && note("bad", problem.text)}
<form class="card stack" method="post" action="${own}/mover?desde=${from}">
${csrfField(viewer)}<h2>${words.moveTitle}</h2>
<p><bdi>${move.serviceName}</bdi> · ${attendeeName(booking, language)}<br><span class="soft">${words.now}: ${formatDay(booking.start, language, booking.time_zone)}, ${periodText(booking)}</span></p>
${sameTime}
${alternatives.length > 0 && html`<fieldset class="stack tight"><legend>${words.alternatives}</legend>${byDay(language, alternatives)}</fieldset>`}
${free !== null && html`<fieldset class="stack"><legend>${words.free}</legend><p class="soft small">${words.moveText} ${words.zone(booking.time_zone)}.</p>${freeTimes(language, move, free)}</fieldset>`}
${weekLinks(viewer, move, own)}
<div class="actions"><button class="button" type="submit">${words.moveSubmit}</button><a class="button quiet" href="${own}">${words.keep}</a></div>
</form>`;
}

function freeTimes(language: Viewer["language"], { booking }: Move, free: readonly Period[]): Html {
  const words = bookingsWords[language];
  const others = free.filter(({ start }) => Date.parse(start) !== Date.parse(booking.start));
  if (others.length === 0) return html`<p>${words.nothingFreeAtAll}</p>`;
  return byDay(language, others);
}

function byDay(language: Viewer["language"], times: readonly { start: string }[]): Html {
  const days = [...Map.groupBy(times, ({ start }) => dateOf(start)).values()];
  return html`${days.map((day) => dayOfTimes(language, day))}`;
}

function dayOfTimes(language: Viewer["language"], times: readonly { readonly start: string }[]): Html {
  const date = dateOf(times[0]?.start ?? "");
  return html`<div class="stack tight" role="group" aria-label="${formatDay(date, language, "UTC")}"><h3>${formatDay(date, language, "UTC")}</h3>
<div class="times">${times.map(({ start }) => html`<label class="time"><input type="radio" name="start_iso" value="${start}" required><span>${wallTimeOf(start)}</span></label>`)}</div></div>`;
}

function weekLinks({ language }: Viewer, { from, today }: Move, own: string): Html {
  const words = bookingsWords[language];
  const link = (date: DateText, text: string) => html`<a href="${own}/mover?desde=${date}">${text}</a>`;
  const earlier = addDays(from, -daysShown);
  return html`<nav class="row between">${from > today ? link(earlier < today ? today : earlier, words.earlier) : html`<span></span>`}${link(addDays(from, daysShown), words.later)}</nav>`;
}
