import { type BoundAttendee, reachOf, type Tool } from "@cita/mcp-endpoint";
import { z } from "zod";
import { bookAppointment } from "../bookings/book-appointment.ts";
import { type BookingRequest, toRange } from "../bookings/booking.ts";
import { businessLanguage } from "../language/language.ts";
import { bookingAnswer, toBookingAnswer } from "./answers.ts";
import {
  chooseService,
  durationMinutes,
  email,
  name,
  readStart,
  service,
  startIso,
  text,
  writtenPhone,
} from "./arguments.ts";
import { defineTool, type ToolDeps } from "./define-tool.ts";

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
      const attendee = reachOf(caller);
      const schedule = await deps.findSchedule(customerId);
      const choice = chooseService(schedule, args.service, args.duration_minutes);
      const start = await readStart(deps, { customerId, schedule }, args.start_iso);
      const context = { customerId, schedule, choice, attendee };
      const booking = await bookAppointment(deps, context, {
        ...toRange(choice, start),
        customerId,
        ...toContact(attendee, args),
        asked: { service: args.service ?? null, durationMinutes: args.duration_minutes ?? null },
        idempotencyKey: toKey(attendee, args.idempotency_key),
      });
      return toBookingAnswer(booking, businessLanguage(schedule, booking.timeZone));
    },
  });
}

type Contact = Pick<BookingRequest, "attendee" | "notes">;

/**
 * Whom a booking is for. A bound attendee is stored with the channel's ids alone. The phone and e-mail arguments then come
 * from a model: they go into the notes, where no search finds them and no invitation uses them.
 */
function toContact(bound: BoundAttendee | undefined, args: z.output<typeof input>): Contact {
  const { attendee_name: name, attendee_phone: phone, attendee_email: email, notes } = args;
  if (bound === undefined) {
    const { number = null, written = null } = phone ?? {};
    const attendee = { name, phone: number, phoneWritten: written, email: email ?? null, ref: null };
    return { attendee, notes: notes ?? null };
  }
  const lines = [notes, bound.phone === null && phone?.written, email].filter(Boolean);
  const attendee = { name, ...bound, phoneWritten: null, email: null };
  return { attendee, notes: lines.length === 0 ? null : lines.join(" · ") };
}

/** Prefixed by the attendee's id, so that the same key of two attendees neither conflicts nor reveals the other. */
function toKey(bound: BoundAttendee | undefined, key: string | undefined): string | null {
  if (key === undefined) return null;
  return bound === undefined ? key : `${bound.ref ?? bound.phone} ${key}`;
}
