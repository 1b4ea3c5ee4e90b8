import { reachOf, type Tool } from "@cita/mcp-endpoint";
import { z } from "zod";
import { cancelBooking } from "../bookings/cancel-booking.ts";
import { businessLanguage } from "../language/language.ts";
import { changeAnswer, toChangeAnswer } from "./answers.ts";
import { bookingId } from "./arguments.ts";
import { defineTool, type ToolDeps } from "./define-tool.ts";

const input = z.strictObject({ booking_id: bookingId });

export function createCancelBooking(deps: ToolDeps): Tool {
  return defineTool({
    name: "cancel_booking",
    title: "Cancel an appointment",
    description:
      "Cancels an appointment, once the person has said yes to its weekday, date and time. It can't be undone: " +
      "somebody else may book the time at once.",
    input,
    output: changeAnswer,
    annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true },
    reachesAttendees: true,

    async handle(args, caller) {
      const requester = { customerId: caller.customerId, attendee: reachOf(caller) };
      const schedule = await deps.findSchedule(requester.customerId);
      const booking = await cancelBooking(deps, schedule, requester, args.booking_id);
      return toChangeAnswer(booking, businessLanguage(schedule, booking.timeZone));
    },
  });
}
