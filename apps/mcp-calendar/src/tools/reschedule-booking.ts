import { reachOf, type Tool } from "@cita/mcp-endpoint";
import { z } from "zod";
import { rescheduleBooking } from "../bookings/reschedule-booking.ts";
import { expectConfirmed, expectOwn } from "../bookings/standing-booking.ts";
import { languageOf } from "../language/language-of.ts";
import { bookingId, startIso } from "./arguments.ts";
import { answerChange, changeAnswer } from "./booking-answer.ts";
import { defineTool } from "./define-tool.ts";
import { appointmentOf, placeAt } from "./service-choice.ts";
import { readStart } from "./start-time.ts";
import type { ToolDeps } from "./tool-deps.ts";

const input = z.strictObject({ booking_id: bookingId, start_iso: startIso });

export function createRescheduleBooking(deps: ToolDeps): Tool {
  return defineTool({
    name: "reschedule_booking",
    title: "Move an appointment",
    description:
      "Moves an appointment to another free time of the same length, once the person has said yes to the new " +
      "weekday, date and time. After an error it stays where it was, unless the error says otherwise.",
    input,
    output: changeAnswer,
    annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true },
    reachesAttendees: true,

    async handle(args, caller) {
      const { customerId } = caller;
      const person = reachOf(caller);
      const schedule = await deps.scheduleOf(customerId);
      await expectOwn(deps, { customerId, person }, args.booking_id);
      const booking = await expectConfirmed(deps, customerId, args.booking_id);
      const appointment = appointmentOf(schedule, booking);
      const start = await readStart(deps, customerId, schedule, args.start_iso);
      const context = { customerId, schedule, appointment, person };
      const moved = await rescheduleBooking(deps, context, booking.id, placeAt(appointment, start));
      return answerChange(moved, languageOf(schedule, moved.timeZone));
    },
  });
}
