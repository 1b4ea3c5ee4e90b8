import type { BookingView } from "@cita/calendar-api";
import { type Html, html } from "@cita/http";
import { attendeeName, bookingState, isAhead, periodText } from "../../parts/bookings.ts";
import { csrfField } from "../../parts/forms.ts";
import { note } from "../../parts/notes.ts";
import { formatDay, formatTime } from "../../parts/times.ts";
import type { Viewer } from "../../viewer.ts";
import { bookingsWords } from "./words.ts";

export type OneBooking = {
  readonly path: string;
  readonly booking: BookingView;
  readonly serviceName: string;
  readonly now: number;
  readonly mayChange: boolean;
  /** It was just moved. */
  readonly isMoved?: boolean;
  /** What went wrong. */
  readonly trouble?: string | undefined;
};

/** Everything about one booking, and what can be done with it. */
export function bookingBody(viewer: Viewer, one: OneBooking): Html {
  const words = bookingsWords[viewer.language];
  const { path, booking, now, mayChange } = one;
  const own = `${path}/citas/${encodeURIComponent(booking.booking_id)}`;
  const actions =
    mayChange && isAhead(booking, now)
      ? html`<div class="actions"><a class="button" href="${own}/mover">${words.move}</a><a class="button danger" href="${own}/cancelar">${words.cancel}</a></div>`
      : html``;
  return html`<p><a href="${path}/citas">${words.back}</a></p>
${one.isMoved && note("good", words.done.moved)}
${booking.stranded && note("bad", words.strandedNote)}
<section class="card stack"><h2 class="row">${words.title} ${bookingState(booking, viewer.language, now)}</h2>${bookingFacts(viewer, one)}${actions}</section>`;
}

/** Asks before it is cancelled. */
export function cancelBody(viewer: Viewer, one: OneBooking): Html {
  const words = bookingsWords[viewer.language];
  const own = `${one.path}/citas/${encodeURIComponent(one.booking.booking_id)}`;
  return html`${one.trouble !== undefined && note("bad", one.trouble)}
<form class="card stack" method="post" action="${own}/cancelar">
${csrfField(viewer)}<h2>${words.cancelTitle}</h2>
${bookingFacts(viewer, one)}
<p class="soft">${one.booking.stranded ? words.cancelStranded : words.cancelText}</p>
<div class="actions"><button class="button danger" type="submit">${words.cancelYes}</button><a class="button quiet" href="${own}">${words.keep}</a></div>
</form>`;
}

function bookingFacts({ language }: Viewer, { booking, serviceName }: OneBooking): Html {
  const words = bookingsWords[language];
  const { start, time_zone, attendee_phone: phone, attendee_email: email, attendee_ref: ref } = booking;
  const { notes, meet_link: meet } = booking;
  const day = formatDay(start, language, time_zone);
  const fact = (name: string, value: Html | string | null) =>
    value !== null && html`<dt>${name}</dt><dd>${value}</dd>`;
  return html`<dl class="facts">
${fact(words.when, html`<strong><time datetime="${start}">${day}, ${periodText(booking)}</time></strong> <span class="soft small">${words.zone(time_zone)}</span>`)}
${fact(words.service, html`<bdi>${serviceName}</bdi>`)}
${fact(words.attendee, attendeeName(booking, language))}
${fact(words.phone, phone === null ? null : html`<a href="tel:${phone}"><bdi>${phone}</bdi></a>`)}
${fact(words.email, email === null ? null : html`<a href="mailto:${email}"><bdi>${email}</bdi></a>`)}
${fact(words.channel, ref === null ? null : html`<code>${ref}</code>`)}
${fact(words.notes, notes === null ? null : html`<bdi>${notes}</bdi>`)}
${fact(words.meet, meet === null ? null : html`<a href="${meet}" rel="noopener noreferrer" target="_blank">${meet}</a>`)}
${fact(words.booked, formatTime(booking.created_at, language, time_zone))}
</dl>`;
}
