import type { Words } from "./words.ts";

export const spanish: Words = {
  language: "es",
  closed: "cerrado",
  defaultService: "Cita",
  event: { phone: "Teléfono", email: "Correo", notes: "Notas", bookedBy: "Agendado por Cita" },
  invitationNotes: {
    pending:
      "La cita está confirmada. La invitación por correo todavía no se ha enviado; se intentará de nuevo. Dile tú a la persona el día de la semana, la fecha y la hora.",
    refused:
      "La cita está confirmada, pero no se pudo enviar la invitación por correo: dile tú a la persona el día de la semana, la fecha y la hora.",
  },
  moreSlots: (from, days) => `Para ver el resto, llama de nuevo con date_iso ${from} y days ${days}.`,
  moreBookings: (from) => `Para ver el resto, llama de nuevo con from ${from}.`,
  instructions: {
    purpose: "Agenda citas en el calendario propio de un negocio.",
    askFirst:
      "Llama primero a get_business_info: dice la fecha de hoy y la zona horaria de allí, los servicios y el horario.",
    today: ({ weekday, date, timeZone }) =>
      `Allí hoy es ${weekday} ${date} (zona horaria ${timeZone}). Servicios y horario: get_business_info.`,
    steps: [
      "Busca horas libres con get_available_slots; no ofrezcas otras.",
      "Repite a la persona el día de la semana, la fecha y la hora, y espera un sí.",
      "Después llama a book, con start_iso exactamente como se dio.",
    ],
    rules:
      "Una cita existe solo cuando book responde confirmed. Cada respuesta trae la zona horaria, y la hora de allí " +
      "(now) donde importa: úsalas, nunca tu propia idea de la fecha de hoy. Si una herramienta responde con un " +
      "error, sigue su next_step.",
    translate: "label, message y note están en el idioma del negocio: tradúcelos para quien escriba en otro.",
  },
  refusals: {
    taken: "Esa hora se acaba de ocupar o no está libre.",
    outside_hours: "A esa hora no empiezan citas.",
    too_soon: "Esa hora ya pasó o falta muy poco para poder agendarla.",
    too_far: "Esa fecha está demasiado lejos para poder agendarla.",
    idempotency_conflict: "Esa clave de repetición ya se usó para otra cita.",
    not_found: "No encuentro esa cita.",
    begun: "Esa cita ya empezó, así que no se puede cambiar.",
    cancelled_since: "Esa cita se hizo, y después se canceló o se borró del calendario.",
    series: "El negocio convirtió esta cita en una que se repite, así que no puedo cambiarla.",
    stranded: "Esta cita está en un calendario que el negocio ya no tiene conectado.",
    account_changed: "El negocio acaba de conectar otro calendario, así que no se reservó ni se cambió nada.",
    unsettled: "El calendario dejó de responder, así que todavía no sé si la cita se movió.",
    in_progress: "Esta misma solicitud todavía se está procesando.",
    too_many_open: "Esta persona ya tiene tantas citas pendientes como se pueden tener aquí.",
    too_many_changes: "Esta persona cambió sus citas demasiadas veces en la última hora.",
    cancellations_stopped:
      "En la última hora se cancelaron más citas de este negocio de lo normal, así que ahora no puedo cancelar más.",
  },
  movedByHand: (label) => `El propio negocio movió esta cita: ahora es el ${label}.`,
  calendar: {
    not_connected:
      "Este negocio todavía no ha conectado su calendario, así que no puedo ver ni agendar sus horas.",
    reconnect_required:
      "Este negocio tiene que conectar otra vez su calendario antes de que yo pueda ver o agendar sus horas.",
    calendar_unavailable:
      "Ahora mismo no puedo consultar el calendario, así que no sé qué está libre, agendado o cancelado.",
    rate_limited: "En este momento se está consultando el calendario demasiadas veces.",
  },
  lastingProblem:
    "No puedo ver el calendario de este negocio, y eso no se va a arreglar solo, así que no sé qué está libre, agendado o cancelado.",
  wrongArguments: (names) =>
    names.length === 0 ? "No pude usar estos datos." : `No pude usar estos datos: ${names.join(", ")}.`,
  unknownService: "Este negocio no ofrece ese servicio.",
  unreadableTime: "Necesito una fecha y una hora reales, como 2027-01-18T09:00:00-05:00.",
  skippedTime: "Esa hora no existe ese día: los relojes se adelantan y la saltan.",
  repeatedTime: "Esa hora existe dos veces ese día: los relojes se atrasan.",
  lastDayFirst: "El último día está antes del primero.",
  owner: {
    not_connected: "Tu calendario todavía no está conectado.",
    reconnect_required: "Hay que conectar tu calendario otra vez.",
    openLink: (url) => `Abre este enlace para conectarlo: ${url}`,
    cannotConnect: "No se puede conectar hasta que se corrija algo en este computador.",
    calendarUnusable: "No puedo usar tu calendario, y eso no se va a arreglar solo.",
    clientRefused: (provider) =>
      `No puedo consultar tu calendario: ${provider} no acepta la configuración de Cita.`,
  },
};
