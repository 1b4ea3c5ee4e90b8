import type { Tool } from "@cita/mcp-endpoint";
import { createBook } from "./book.ts";
import { createCancelBooking } from "./cancel-booking.ts";
import type { ToolDeps } from "./define-tool.ts";
import { createGetAvailableSlots } from "./get-available-slots.ts";
import { createGetBusinessInfo } from "./get-business-info.ts";
import { createListBookings } from "./list-bookings.ts";
import { createRescheduleBooking } from "./reschedule-booking.ts";

/**
 * What an agent can do, one file a tool: its description and arguments, what it answers, and what it says when that
 * isn't possible. How a booking is made is in `bookings/`, how a call arrives in `packages/mcp-endpoint`: a tool knows
 * neither its transport nor the protocol's library.
 */

/** In the order in which an agent needs them, and always in the same. */
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
