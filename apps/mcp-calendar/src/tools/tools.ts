import type { Tool } from "@cita/mcp-endpoint";
import { createBook } from "./book.ts";
import { createCancelBooking } from "./cancel-booking.ts";
import { createGetAvailableSlots } from "./get-available-slots.ts";
import { createGetBusinessInfo } from "./get-business-info.ts";
import { createListBookings } from "./list-bookings.ts";
import { createRescheduleBooking } from "./reschedule-booking.ts";
import type { ToolDeps } from "./tool-deps.ts";

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
