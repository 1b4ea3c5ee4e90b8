import type { BookingsPage, BookingView } from "@cita/calendar-api";
import { type Html, html } from "@cita/http";
import { icon } from "../../icons.ts";
import { attendeeName, bookingState, isAhead, periodText } from "../../parts/bookings.ts";
import { dateOf } from "../../parts/days.ts";
import { emptyState, note } from "../../parts/notes.ts";
import { formatDay } from "../../parts/times.ts";
import type { Viewer } from "../../viewer.ts";
import { bookingsWords } from "./words.ts";

export const bookingViews = ["ahead", "past", "cancelled", "stranded"] as const;
export type BookingsView = (typeof bookingViews)[number];

/** The views in addresses. */
export const viewParameters = {
  ahead: "proximas",
  past: "pasadas",
  cancelled: "canceladas",
  stranded: "sin-calendario",
} as const satisfies Record<BookingsView, string>;

export type BookingsList = {
  /** Of the customer's pages. */
  readonly path: string;
  readonly view: BookingsView;
  readonly cursor: string | undefined;
  readonly page: BookingsPage;
  readonly nameService: (id: string) => string;
  readonly now: number;
  readonly done: "cancelled" | "moved" | undefined;
  readonly mayChange: boolean;
};

/** A customer's bookings, day by day. */
export function bookingsBody(viewer: Viewer, list: BookingsList): Html {
  const words = bookingsWords[viewer.language];
  const { done, view, page } = list;
  return html`${done !== undefined && note("good", words.done[done])}
${viewNav(viewer, list)}
${view === "stranded" && page.bookings.length > 0 && note("bad", words.strandedNote)}
${page.bookings.length === 0 ? nothingThere(viewer, list) : table(viewer, list)}`;
}

function viewNav({ language }: Viewer, { path, view }: BookingsList): Html {
  const words = bookingsWords[language];
  return html`<nav aria-label="${words.viewsLabel}"><ul class="choices">${bookingViews.map(
    (one) =>
      html`<li><a href="${path}/citas?ver=${viewParameters[one]}"${one === view && html` aria-current="page"`}>${words.views[one]}</a></li>`,
  )}</ul></nav>`;
}

function nothingThere({ language }: Viewer, { path, view, mayChange }: BookingsList): Html {
  const words = bookingsWords[language];
  const { title, text } = words.empty[view];
  const tryIt = html`<a class="button" href="${path}/probar">${icon("play")}${words.tryIt}</a>`;
  return html`<section class="card">${emptyState("calendar", title, text, view === "ahead" && mayChange ? tryIt : undefined)}</section>`;
}

function table(viewer: Viewer, list: BookingsList): Html {
  const words = bookingsWords[viewer.language];
  const { page, path, view, cursor } = list;
  const days = [...Map.groupBy(page.bookings, ({ start }) => dateOf(start))];
  const headings = [words.time, words.attendee, words.service, words.state];
  const link = (text: string, more: string) =>
    html`<a class="button quiet" href="${path}/citas?ver=${viewParameters[view]}${more}">${text}</a>`;
  const next =
    page.next_cursor !== null && link(words.next, `&cursor=${encodeURIComponent(page.next_cursor)}`);
  const zones = new Set(page.bookings.map(({ time_zone }) => time_zone));
  const [zone] = zones;
  return html`${zones.size === 1 && zone !== undefined && html`<p class="soft small">${words.zone(zone)}</p>`}
<section class="card flush">
<table class="as-cards"><caption class="visually-hidden">${words.tableLabel}</caption>
<thead><tr>${headings.map((text) => html`<th scope="col">${text}</th>`)}<th scope="col"><span class="visually-hidden">${words.action}</span></th></tr></thead>
${days.map(([, bookings]) => dayRows(viewer, list, bookings, zones.size > 1))}</table>
</section>
<nav class="row between">${cursor === undefined ? html`<span></span>` : link(words.first, "")}${next}</nav>`;
}

function dayRows(
  { language }: Viewer,
  list: BookingsList,
  bookings: readonly BookingView[],
  namesZone: boolean,
): Html {
  const [first] = bookings;
  if (first === undefined) return html``;
  const { start, time_zone: zone } = first;
  const zoneText = namesZone && html` <span class="soft small">${bookingsWords[language].zone(zone)}</span>`;
  return html`<tbody><tr class="group"><th colspan="5" scope="rowgroup">${formatDay(start, language, zone)}${zoneText}</th></tr>
${bookings.map((booking) => bookingRow(booking, language, list))}</tbody>`;
}

function bookingRow(
  booking: BookingView,
  language: Viewer["language"],
  { path, nameService, now, mayChange }: BookingsList,
): Html {
  const words = bookingsWords[language];
  const { booking_id, attendee_phone, service } = booking;
  const href = `${path}/citas/${encodeURIComponent(booking_id)}`;
  const whose = html`<span class="visually-hidden">: ${attendeeName(booking, language)}</span>`;
  return html`<tr>
<td class="nowrap"><time datetime="${booking.start}">${periodText(booking)}</time></td>
<th scope="row"><a href="${href}">${attendeeName(booking, language)}</a>${attendee_phone !== null && html`<br><span class="soft small"><bdi>${attendee_phone}</bdi></span>`}</th>
<td><bdi>${nameService(service)}</bdi></td>
<td><span class="row">${bookingState(booking, language, now)}</span></td>
<td class="end">${mayChange && isAhead(booking, now) && html`<span class="row end"><a class="button quiet small" href="${href}/mover">${words.move}${whose}</a><a class="button quiet small" href="${href}/cancelar">${words.cancelShort}${whose}</a></span>`}</td>
</tr>`;
}
