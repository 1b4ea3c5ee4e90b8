/**
 * The tools that agents call, one file for each: description, arguments and result. Failures are explained by
 * `explain-failure.ts`, wrong arguments by `wrong-arguments.ts`. How a booking is made is in `../bookings`, how a call
 * arrives in packages/mcp-endpoint: a tool knows neither its transport nor the MCP SDK.
 */

import type { Tool } from "@cita/mcp-endpoint";
import { createBook } from "./book.ts";
import { createCancelBooking } from "./cancel-booking.ts";
import type { ToolDeps } from "./define-tool.ts";
import { createGetAvailableSlots } from "./get-available-slots.ts";
import { createGetBusinessInfo } from "./get-business-info.ts";
import { createListBookings } from "./list-bookings.ts";
import { createRescheduleBooking } from "./reschedule-booking.ts";

/** All tools, always in the same order: that in which an agent needs them. */
export function createTools(deps: ToolDeps): Tool[] {
  return [
    createGetBusinessInfo(deps),
    createGetAvailableSlots(deps),
    createBook(deps),
    createListBookings(deps),
    createRescheduleBooking(deps),
    createCancelBooking(deps),
  ];
}
