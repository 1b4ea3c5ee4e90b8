import { z } from "zod";
import { bookAppointment } from "../bookings/book-appointment.ts";
import { languageOf } from "../language/language-of.ts";
import { durationMinutes, email, name, service, startIso, text, writtenPhone } from "./arguments.ts";
import { answerBooking, bookingAnswer } from "./booking-answer.ts";
import { defineTool } from "./define-tool.ts";
import { chooseService, placeAt } from "./service-choice.ts";
import { readStart } from "./start-time.ts";
import type { Tool } from "./tool.ts";
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
    .describe("Any text that stays the same when you repeat this call, so that it books once."),
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

    async handle(args, { customerId }) {
      const schedule = await deps.scheduleOf(customerId);
      const appointment = chooseService(schedule, args.service, args.duration_minutes);
      const start = await readStart(deps, customerId, schedule, args.start_iso);
      const wish = { customerId, schedule, appointment };
      const booking = await bookAppointment(deps, wish, {
        ...placeAt(appointment, start),
        customerId,
        attendee: {
          name: args.attendee_name,
          phone: args.attendee_phone?.number ?? null,
          phoneWritten: args.attendee_phone?.written ?? null,
          email: args.attendee_email ?? null,
        },
        notes: args.notes ?? null,
        asked: { service: args.service ?? null, durationMinutes: args.duration_minutes ?? null },
        idempotencyKey: args.idempotency_key ?? null,
      });
      return answerBooking(booking, languageOf(schedule, booking.timeZone));
    },
  });
}
