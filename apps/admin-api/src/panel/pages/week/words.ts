import type { InAllLanguages } from "../../language.ts";

const es = {
  week: "Semana",
  day: "Día",
  viewsLabel: "Qué mostrar",
  previous: "Anterior",
  next: "Siguiente",
  today: "Hoy",
  service: "Horas libres para",
  show: "Mostrar",
  zone: (zone: string) => `Horas de ${zone}`,
  busy: "Ocupado",
  free: "Libre",
  booking: "Cita",
  busyHint: "De lo ocupado solo se leen las horas: nunca qué es ni con quién.",
  asList: "Ver como lista",
  allDay: "Todo el día",
  nothing: "Nada este día.",
  calendarLabel: "Calendario",
};

const en: typeof es = {
  week: "Week",
  day: "Day",
  viewsLabel: "What to show",
  previous: "Previous",
  next: "Next",
  today: "Today",
  service: "Free times for",
  show: "Show",
  zone: (zone) => `Times of ${zone}`,
  busy: "Busy",
  free: "Free",
  booking: "Booking",
  busyHint: "Of what is busy only the times are read: never what it is or with whom.",
  asList: "See as a list",
  allDay: "All day",
  nothing: "Nothing on this day.",
  calendarLabel: "Calendar",
};

const pt: typeof es = {
  week: "Semana",
  day: "Dia",
  viewsLabel: "O que mostrar",
  previous: "Anterior",
  next: "Seguinte",
  today: "Hoje",
  service: "Horários livres para",
  show: "Mostrar",
  zone: (zone) => `Horários de ${zone}`,
  busy: "Ocupado",
  free: "Livre",
  booking: "Agendamento",
  busyHint: "Do que está ocupado só se leem os horários: nunca o que é nem com quem.",
  asList: "Ver como lista",
  allDay: "O dia todo",
  nothing: "Nada neste dia.",
  calendarLabel: "Calendário",
};

export const weekWords: InAllLanguages<typeof es> = { es, en, pt };
