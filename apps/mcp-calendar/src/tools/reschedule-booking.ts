import { reachOf, type Tool } from "@cita/mcp-endpoint";
import { z } from "zod";
import { bookedChoice, toRange } from "../bookings/booking.ts";
import { expectConfirmed, expectOwn } from "../bookings/find-booking.ts";
import { rescheduleBooking } from "../bookings/reschedule-booking.ts";
import { businessLanguage } from "../language/language.ts";
import { changeAnswer, toChangeAnswer } from "./answers.ts";
import { bookingId, readStart, startIso } from "./arguments.ts";
import { defineTool, type ToolDeps } from "./define-tool.ts";

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
      const attendee = reachOf(caller);
      const schedule = await deps.findSchedule(customerId);
      await expectOwn(deps, { customerId, attendee }, args.booking_id);
      const booking = await expectConfirmed(deps, customerId, args.booking_id);
      const choice = bookedChoice(schedule, booking);
      const start = await readStart(deps, { customerId, schedule }, args.start_iso);
      const context = { customerId, schedule, choice, attendee };
      const moved = await rescheduleBooking(deps, context, booking.id, toRange(choice, start));
      return toChangeAnswer(moved, businessLanguage(schedule, moved.timeZone));
    },
  });
}
