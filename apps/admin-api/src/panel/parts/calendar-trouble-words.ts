import type { InAllLanguages } from "../language.ts";

/** Why the calendar, or the service in front of it, didn't do what was asked, by the code of its answer. */
const es = {
  service: "El servicio de calendarios no responde. Prueba de nuevo en un momento: no se cambió nada.",
  mayBeDone:
    "El servicio de calendarios no respondió: no se sabe si el cambio se hizo. Mira cómo quedó antes de repetirlo.",
  not_connected: "Este negocio no tiene un calendario conectado.",
  reconnect_required: "El negocio tiene que conectar su calendario otra vez: el permiso se perdió.",
  calendar_unavailable:
    "El calendario no se puede leer ahora, así que no se sabe qué está libre ni ocupado. Prueba de nuevo en un momento.",
  rate_limited: "Se está consultando el calendario demasiadas veces. Espera un minuto.",
  slot_taken: "Esa hora ya no está libre.",
  outside_hours: "A esa hora no empiezan citas según el horario.",
  too_soon: "Esa hora ya pasó, o falta muy poco para ella.",
  too_far: "Esa fecha está más lejos de lo que permite el horario.",
  invalid_time: "Elige una hora de la lista.",
  booking_not_found: "Esta cita ya no existe: alguien la canceló.",
  booking_changed: "El negocio cambió esta cita en su calendario. Mira cómo quedó y prueba de nuevo.",
  limit_reached: "Se llegó al límite de cambios de citas por ahora.",
  unknown_service: "Ese servicio ya no está en el horario.",
};

export type TroubleWords = typeof es;

const en: TroubleWords = {
  service: "The calendar service doesn’t answer. Try again in a moment: nothing was changed.",
  mayBeDone:
    "The calendar service didn’t answer: nobody knows whether the change was made. See how it is now before you repeat it.",
  not_connected: "This business has no calendar connected.",
  reconnect_required: "The business has to connect its calendar again: the permission was lost.",
  calendar_unavailable:
    "The calendar can’t be read now, so nobody knows what is free or taken. Try again in a moment.",
  rate_limited: "The calendar is being asked too often. Wait a minute.",
  slot_taken: "That time isn’t free any more.",
  outside_hours: "By the schedule no booking starts at that time.",
  too_soon: "That time has passed, or is too soon.",
  too_far: "That date is farther ahead than the schedule allows.",
  invalid_time: "Choose a time from the list.",
  booking_not_found: "This booking doesn’t exist any more: somebody has cancelled it.",
  booking_changed: "The business has changed this booking in its calendar. See how it is now and try again.",
  limit_reached: "No more bookings can be changed for now.",
  unknown_service: "That service isn’t in the schedule any more.",
};

const pt: TroubleWords = {
  service: "O serviço de calendários não responde. Tente de novo em instantes: nada foi alterado.",
  mayBeDone:
    "O serviço de calendários não respondeu: não se sabe se a alteração foi feita. Veja como ficou antes de repetir.",
  not_connected: "Este negócio não tem um calendário conectado.",
  reconnect_required: "O negócio precisa conectar o calendário de novo: a permissão se perdeu.",
  calendar_unavailable:
    "O calendário não pode ser lido agora, então não se sabe o que está livre ou ocupado. Tente de novo em instantes.",
  rate_limited: "O calendário está sendo consultado vezes demais. Espere um minuto.",
  slot_taken: "Esse horário não está mais livre.",
  outside_hours: "Pelo horário, nenhum agendamento começa a essa hora.",
  too_soon: "Esse horário já passou, ou falta muito pouco.",
  too_far: "Essa data está mais longe do que o horário permite.",
  invalid_time: "Escolha um horário da lista.",
  booking_not_found: "Este agendamento não existe mais: alguém o cancelou.",
  booking_changed: "O negócio mudou este agendamento no calendário. Veja como ficou e tente de novo.",
  limit_reached: "Não dá para alterar mais agendamentos por enquanto.",
  unknown_service: "Esse serviço não está mais no horário.",
};

export const troubleWords: InAllLanguages<TroubleWords> = { es, en, pt };
