import { type BoundAttendee, reachOf, type Tool } from "@cita/mcp-endpoint";
import { z } from "zod";
import { bookAppointment } from "../bookings/book-appointment.ts";
import type { BookingRequest } from "../bookings/booking.ts";
import { languageOf } from "../language/language-of.ts";
import { durationMinutes, email, name, service, startIso, text, writtenPhone } from "./arguments.ts";
import { answerBooking, bookingAnswer } from "./booking-answer.ts";
import { defineTool } from "./define-tool.ts";
import { chooseService, placeAt } from "./service-choice.ts";
import { readStart } from "./start-time.ts";
import type { ToolDeps } from "./tool-deps.ts";

const input = z.strictObject({
  start_iso: startIso,
  service,
  duration_minutes: durationMinutes,
  attendee_name: name.describe("Full name of whom it is for."),
  attendee_phone: writtenPhone.describe("Phone number with country code."),
  attendee_email: email,
  notes: text(2_000).optional().describe("What the business should know."),
  idempotency_key: text(200)
    .optional()
    .describe("Keep it the same when you repeat this call: it books once."),
});

export function createBook(deps: ToolDeps): Tool {
  return defineTool({
    name: "book",
    title: "Book an appointment",
    description:
      "Books a free time, once the person has said yes to its weekday, date and time. The appointment exists only " +
      "if this answers confirmed. If the time is taken, the error names the nearest free ones.",
    input,
    output: bookingAnswer,
    annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false },
    reachesAttendees: true,

    async handle(args, caller) {
      const { customerId } = caller;
      const person = reachOf(caller);
      const schedule = await deps.scheduleOf(customerId);
      const appointment = chooseService(schedule, args.service, args.duration_minutes);
      const start = await readStart(deps, customerId, schedule, args.start_iso);
      const context = { customerId, schedule, appointment, person };
      const booking = await bookAppointment(deps, context, {
        ...placeAt(appointment, start),
        customerId,
        ...contactOf(person, args),
        asked: { service: args.service ?? null, durationMinutes: args.duration_minutes ?? null },
        idempotencyKey: keyOf(person, args.idempotency_key),
      });
      return answerBooking(booking, languageOf(schedule, booking.timeZone));
    },
  });
}

type Contact = Pick<BookingRequest, "attendee" | "notes">;

/**
 * Whom an appointment is for. Of a bound person only the channel's ids are stored as such. Phone and e-mail of the
 * arguments are a model's word: they go into the notes for the business, find no appointment, and get no invitation.
 */
function contactOf(person: BoundAttendee | undefined, args: z.output<typeof input>): Contact {
  const { attendee_name: name, attendee_phone: phone, attendee_email: email, notes } = args;
  if (person === undefined) {
    const { number = null, written = null } = phone ?? {};
    const attendee = { name, phone: number, phoneWritten: written, email: email ?? null, ref: null };
    return { attendee, notes: notes ?? null };
  }
  const told = [notes, person.phone === null && phone?.written, email].filter(Boolean);
  const attendee = { name, ...person, phoneWritten: null, email: null };
  return { attendee, notes: told.length === 0 ? null : told.join(" · ") };
}

/** Prefixed by the person's id, so that the same key of two persons neither conflicts nor tells of the other. */
function keyOf(person: BoundAttendee | undefined, key: string | undefined): string | null {
  if (key === undefined) return null;
  return person === undefined ? key : `${person.ref ?? person.phone} ${key}`;
}
