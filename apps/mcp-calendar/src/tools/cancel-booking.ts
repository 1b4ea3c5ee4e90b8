import { z } from "zod";
import { cancelBooking } from "../bookings/cancel-booking.ts";
import { bookingId } from "./arguments.ts";
import { answerBooking, bookingAnswer } from "./booking-answer.ts";
import { defineTool } from "./define-tool.ts";
import type { Tool } from "./tool.ts";
import type { ToolDeps } from "./tool-deps.ts";

const input = z.strictObject({ booking_id: bookingId });

export function createCancelBooking(deps: ToolDeps): Tool {
  return defineTool({
    name: "cancel_booking",
    title: "Cancel an appointment",
    description:
      "Cancels an appointment and takes it out of the calendar. Before calling it, repeat the weekday, date and " +
      "time to the person and wait for a yes. It can't be undone: the time may be booked by somebody else at once.",
    input,
    output: bookingAnswer,
    annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: true },

    async handle(args, { customerId }) {
      const schedule = await deps.scheduleOf(customerId);
      return answerBooking(await cancelBooking(deps, schedule, customerId, args.booking_id));
    },
  });
}
