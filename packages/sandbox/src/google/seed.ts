import { createHash } from "node:crypto";
import type { calendar_v3 } from "@googleapis/calendar";
import type { EventStore } from "./calendar/event-store.ts";

type Seed = {
  summary: string;
  /** Days after this week's Monday. */
  day: number;
  /** Local wall times; without them the event is all day. */
  from?: string;
  to?: string;
  more?: calendar_v3.Schema$Event;
};

const visit = (day: number, from: string, to: string, summary: string): Seed => ({ day, from, to, summary });

/** A small clinic's calendar: regular hours with gaps, and one of each kind of event that clients get wrong. */
const WEEKS: Seed[] = [
  {
    ...visit(0, "12:30", "13:30", "Almuerzo"),
    more: { recurrence: ["RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"] },
  },
  {
    ...visit(0, "09:00", "09:30", "Reunión de equipo"),
    more: { recurrence: ["RRULE:FREQ=WEEKLY;BYDAY=MO"] },
  },
  {
    ...visit(3, "15:00", "15:45", "Visita del proveedor"),
    more: { recurrence: ["RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=TH"], location: "Recepción" },
  },
  visit(0, "10:00", "10:30", "Limpieza dental: Andrés Rojas"),
  visit(0, "15:00", "16:00", "Ortodoncia: Valentina Ruiz"),
  visit(1, "09:30", "10:15", "Control: Camila Torres"),
  visit(1, "11:00", "12:00", "Resina: Jorge Medina"),
  visit(2, "10:00", "11:00", "Primera cita: Luisa Fernanda Gil"),
  visit(2, "16:30", "17:00", "Control: Mateo Cárdenas"),
  visit(3, "09:00", "10:00", "Endodoncia: Patricia Lozano"),
  visit(4, "11:30", "12:15", "Limpieza dental: Samuel Ortiz"),
  visit(4, "14:30", "15:00", "Control: Diana Castaño"),
  visit(7, "10:00", "11:00", "Ortodoncia: Juan David Peña"),
  visit(8, "09:00", "09:30", "Control: Natalia Vargas"),
  visit(8, "16:00", "16:45", "Resina: Felipe Arango"),
  visit(9, "11:00", "11:30", "Limpieza dental: Sara Mejía"),
  visit(10, "10:30", "11:30", "Primera cita: Óscar Jiménez"),
  visit(11, "09:30", "10:00", "Control: Andrés Rojas"),
  visit(14, "14:00", "15:00", "Ortodoncia: Valentina Ruiz"),
  visit(16, "10:00", "10:30", "Limpieza dental: Tomás Herrera"),
  { summary: "Día de pago", day: 4, more: { transparency: "transparent" } },
  { summary: "Mantenimiento del local", day: 13 },
  { ...visit(2, "14:00", "14:30", "Por confirmar: Laura Gómez"), more: { status: "tentative" } },
  { ...visit(3, "11:00", "11:30", "Llamar al contador"), more: { transparency: "transparent" } },
  {
    ...visit(11, "14:00", "17:00", "Fuera de la oficina"),
    more: { eventType: "outOfOffice", visibility: "public" },
  },
];

/** Fills a new account's calendar with three weeks from this week's Monday; the same `nowMs`, the same week. */
export function seedWeek(calendar: EventStore, nowMs: number): void {
  const { email, timeZone } = calendar.owner;
  const today = Temporal.Instant.fromEpochMilliseconds(nowMs).toZonedDateTimeISO(timeZone).toPlainDate();
  const monday = today.subtract({ days: today.dayOfWeek - 1 });
  for (const seed of [...WEEKS, declinedInvitation(email)]) {
    calendar.insert(seedId(email, seed), {
      ...seed.more,
      summary: seed.summary,
      ...timesOf(seed, monday, timeZone),
    });
  }
}

function declinedInvitation(email: string): Seed {
  return {
    ...visit(1, "14:00", "16:00", "Feria de insumos odontológicos"),
    more: {
      organizer: { email: "eventos@insumos-dentales.example", displayName: "Insumos Dentales" },
      creator: { email: "eventos@insumos-dentales.example" },
      attendees: [{ email, responseStatus: "declined" }],
    },
  };
}

function timesOf(
  { day, from, to }: Seed,
  monday: Temporal.PlainDate,
  timeZone: string,
): calendar_v3.Schema$Event {
  const date = monday.add({ days: day });
  if (!from || !to)
    return { start: { date: date.toString() }, end: { date: date.add({ days: 1 }).toString() } };
  return {
    start: { dateTime: `${date}T${from}:00`, timeZone },
    end: { dateTime: `${date}T${to}:00`, timeZone },
  };
}

function seedId(email: string, { summary, day }: Seed): string {
  return createHash("sha256").update(`${email} ${day} ${summary}`).digest("hex").slice(0, 26);
}
