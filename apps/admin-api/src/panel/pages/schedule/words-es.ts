import type { ScheduleWords } from "./words.ts";

export const spanish: ScheduleWords = {
  sections: {
    hours: {
      label: "Horario de la semana",
      hint: "Si el cierre es antes que la apertura, termina al día siguiente. La medianoche se escribe 00:00.",
    },
    dates: {
      label: "Fechas especiales y festivos",
      hint: "Valen en lugar del horario de ese día. Una fecha sin horas está cerrada.",
    },
    services: { label: "Servicios", hint: "El primero se reserva cuando el agente no nombra ninguno." },
    limits: { label: "Reglas y límites", hint: "" },
    pause: { label: "Pausa", hint: "" },
    calendar: { label: "Calendario e idioma", hint: "" },
  },
  numbers: {
    slot_interval_minutes: { label: "Una hora libre cada (minutos)", hint: "Contada desde la apertura." },
    minimum_notice_minutes: { label: "Antelación mínima (minutos)", hint: "60 es una hora; 1440, un día." },
    horizon_days: { label: "Hasta cuántos días adelante", hint: "" },
    max_bookings_per_day: { label: "Máximo de citas por día", hint: "Vacío: sin límite." },
    max_bookings_per_week: { label: "Máximo de citas por semana", hint: "Vacío: sin límite." },
    max_open_bookings_per_attendee: { label: "Citas pendientes por persona", hint: "Vacío: 5." },
  },
  switches: {
    tentative_is_busy: {
      label: "Lo provisional ocupa",
      hint: "Eventos por confirmar e invitaciones sin responder cuentan como ocupados.",
    },
    invite_attendees: {
      label: "Enviar invitación por correo",
      hint: "El proveedor del calendario la envía a quien dejó su correo.",
    },
    add_meet_link: { label: "Agregar enlace de videollamada", hint: "" },
  },
  timeZone: { label: "Zona horaria", hint: "Vacía: la del propio calendario." },
  language: { label: "Idioma de las citas", hint: "En él se anuncian las horas y se escriben los eventos." },
  busyCalendars: {
    label: "Calendarios que ocupan",
    hint: "Uno por línea; «primary» es el principal, donde se escriben las citas.",
  },
  pausedUntil: {
    label: "No recibir citas hasta",
    hint: "En la hora del negocio. Antes de ese momento no se ofrece ni se reserva nada; las citas ya hechas siguen en pie.",
  },
  country: { label: "Festivos de", hint: "Sus días festivos quedan cerrados." },
  region: { label: "Región (opcional)", hint: "Su código, como BY en Alemania." },
  automatic: "Automático",
  noCountry: "Ningún país",
  languages: { es: "Español", en: "Inglés", pt: "Portugués" },
  closed: "Cerrado",
  opens: (place) => `${place}: abre`,
  closes: (place) => `${place}: cierra`,
  addWindow: "Agregar horas",
  removeWindow: (place) => `Quitar estas horas de ${place}`,
  copyDay: "Copiar a lunes–viernes",
  addDate: "Agregar fecha",
  date: "Fecha",
  removeDate: "Quitar fecha",
  closedAllDay: "Cerrado todo el día",
  noDates: "Ninguna fecha especial.",
  service: {
    id: { label: "Identificador", hint: "Así lo nombran los agentes. Letras sin acento, números, guion." },
    name: { label: "Nombre", hint: "" },
    price_text: { label: "Precio (opcional)", hint: "Tal como se le dice a la gente: $ 35.000." },
    duration_minutes: { label: "Duración (minutos)", hint: "" },
    buffer_before_minutes: { label: "Libre antes (minutos)", hint: "" },
    buffer_after_minutes: { label: "Libre después (minutos)", hint: "" },
    capacity: { label: "Cupos a la misma hora", hint: "" },
  },
  serviceNumber: (number) => `Servicio ${number}`,
  byDefault: "Por defecto",
  moreOfService: "Márgenes, cupos e identificador",
  addService: "Agregar servicio",
  removeService: "Quitar",
  moveUp: "Subir",
  save: "Guardar horario",
  saved: "Guardado. Los agentes ya ofrecen este horario.",
  notSaved: (count) =>
    count === 1
      ? "No se guardó: hay una cosa por corregir."
      : `No se guardó: hay ${count} cosas por corregir.`,
  unavailable:
    "El servicio de calendarios no responde, así que no se guardó nada. Lo que escribiste sigue aquí.",
  mayBeSaved:
    "El servicio de calendarios no respondió: no se sabe si el horario se guardó. Lo que escribiste sigue aquí. Abre el horario en otra pestaña y mira cómo quedó antes de guardar otra vez.",
  readOnly: "Tu rol permite ver el horario, no cambiarlo.",
  conflict: {
    title: "Alguien más guardó cambios mientras editabas",
    text: "Nada se perdió: lo tuyo sigue en el formulario. Revisa las diferencias y guarda si estás de acuerdo.",
    theirs: "Guardado por la otra persona",
    yours: "Lo tuyo, en el formulario",
    what: "Qué",
    takenIn: "También cambió esto, que tú no tocaste, y ya está en el formulario:",
    discard: "Descartar lo mío y ver lo guardado",
    same: "Las dos versiones dicen lo mismo.",
  },
  preview: {
    title: "Lo que ofrecería un agente",
    intro: "Con lo que está escrito ahora, aunque no esté guardado.",
    see: "Ver las horas",
    update: "Actualizar",
    service: "Servicio",
    waiting: "Las horas aparecen aquí.",
    offered: (service, minutes) => `${service}, ${minutes} min`,
    zone: "Hora de",
    fix: "Corrige esto para ver las horas:",
    none: "Ninguna",
    more: (count) => `y ${count} más`,
    reasons: {
      closed: "Estos días está cerrado.",
      fully_booked: "Estos días está todo ocupado.",
      too_soon: "Todo cae antes de la antelación mínima o de la pausa.",
      too_far: "Estos días quedan más allá de lo que se puede reservar.",
    },
    calendarErrors: {
      not_connected: "El calendario aún no está conectado: estas horas salen solo de las reglas.",
      reconnect_required:
        "El calendario debe conectarse de nuevo: estas horas salen solo de las reglas, y alguna puede estar ocupada.",
      calendar_unavailable:
        "El calendario no responde: estas horas salen solo de las reglas, y alguna puede estar ocupada.",
      rate_limited:
        "El calendario recibe demasiadas consultas: estas horas salen solo de las reglas, y alguna puede estar ocupada.",
    },
    unavailable: "El servicio de calendarios no responde. Puedes seguir editando.",
  },
};
