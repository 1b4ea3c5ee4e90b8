import type { World } from "./world.ts";

export type Query = Record<string, string>;

/** What the tests of lists compare of a booking. */
export type ListedBooking = { booking_id: string; start: string; status: string };

export const bookingsPath = (customerId: string) => `/v1/customer-calendars/${customerId}/bookings`;

/** A wall time of the coming Monday in Bogotá. */
export const mondayAt = (time: string) => `2027-01-18T${time}:00-05:00`;

/** A page of a customer's bookings, as an admin gets it. */
export async function readPage(world: World, query: Query = {}, customerId = "luna") {
  const answer = await world.api("GET", `${bookingsPath(customerId)}?${new URLSearchParams(query)}`);
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
  return answer.body;
}

export async function readStarts(world: World, query: Query = {}): Promise<string[]> {
  const { bookings } = await readPage(world, query);
  return bookings.map(({ start }: ListedBooking) => start);
}

/** Calls a tool as an agent does, where the call has to succeed. */
export async function callTool(world: World, tool: string, args: object, customerId = "luna") {
  const { answer, error } = await world.call(customerId, tool, args);
  if (error !== undefined) throw new Error(JSON.stringify(error));
  return answer;
}

export async function book(world: World, start_iso: string, args: object = {}, customerId = "luna") {
  return callTool(world, "book", { start_iso, attendee_name: "Ana Ruiz", ...args }, customerId);
}
