import { type BookingView, defaultService, type Schedule } from "@cita/calendar-api";
import { type Html, html } from "@cita/http";
import type { InAllLanguages, Language } from "../language.ts";
import { wallTimeOf } from "./days.ts";
import { badge } from "./notes.ts";

/** What several pages say of a booking. */
const words: InAllLanguages<{
  readonly confirmed: string;
  readonly past: string;
  readonly cancelled: string;
  readonly stranded: string;
  readonly notInvited: string;
  readonly erased: string;
  readonly defaultService: string;
}> = {
  es: {
    confirmed: "Confirmada",
    past: "Pasada",
    cancelled: "Cancelada",
    stranded: "En la cuenta anterior",
    notInvited: "Sin invitación",
    erased: "Persona borrada",
    defaultService: "Cita",
  },
  en: {
    confirmed: "Confirmed",
    past: "Past",
    cancelled: "Cancelled",
    stranded: "In the account before",
    notInvited: "Not invited",
    erased: "Person erased",
    defaultService: "Appointment",
  },
  pt: {
    confirmed: "Confirmado",
    past: "Passado",
    cancelled: "Cancelado",
    stranded: "Na conta anterior",
    notInvited: "Sem convite",
    erased: "Pessoa apagada",
    defaultService: "Agendamento",
  },
};

/** Its state, in a colour and a word. */
export function bookingState(booking: BookingView, language: Language, now: number): Html {
  const said = words[language];
  const invitation = booking.invitation === "refused" && badge("wait", said.notInvited);
  return html`${stateBadge(booking, said, now)}${invitation}`;
}

function stateBadge(booking: BookingView, said: (typeof words)["es"], now: number): Html {
  if (booking.status === "cancelled") return badge("calm", said.cancelled);
  if (booking.stranded) return badge("bad", said.stranded);
  return isAhead(booking, now) ? badge("good", said.confirmed) : badge("calm", said.past);
}

/** Only what lies ahead can be moved or cancelled. */
export function isAhead({ status, start }: Pick<BookingView, "status" | "start">, now: number): boolean {
  return status === "confirmed" && Date.parse(start) > now;
}

export function attendeeName({ attendee_name: name }: BookingView, language: Language): Html {
  return name === "" ? html`<span class="soft">${words[language].erased}</span>` : html`<bdi>${name}</bdi>`;
}

/** `09:00 – 09:45`. */
export function periodText({ start, end }: Pick<BookingView, "start" | "end">): string {
  return `${wallTimeOf(start)} – ${wallTimeOf(end)}`;
}

/** As of a schedule; none where it couldn't be read. */
export type NamedServices = {
  readonly services: readonly Pick<Schedule["services"][number], "id" | "name">[];
};

/** The names of a schedule's services by their ids. One that is no longer offered is known by its id alone. */
export function serviceNamer({ services }: NamedServices, language: Language): (id: string) => string {
  const names = new Map(services.map(({ id, name }) => [id, name]));
  return (id) => {
    const name = names.get(id) ?? (id === defaultService.id ? defaultService.name : id);
    return id === defaultService.id && name === defaultService.name ? words[language].defaultService : name;
  };
}
