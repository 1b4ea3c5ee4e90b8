import type { Schedule } from "@cita/calendar-api";
import type { World } from "../test/support/world.ts";
import type { Business, Conversation } from "./conversation.ts";

/** A customer that no conversation is about: nothing of it may change. */
export const neighbourId = "neighbour";

/** @returns the id of the neighbour's one booking. */
export async function addNeighbour(world: World): Promise<string> {
  await world.connected(neighbourId, {
    events: [{ summary: "private", start: "2027-01-18T10:00:00", end: "2027-01-18T11:00:00" }],
  });
  const { answer, error } = await world.call(neighbourId, "book", {
    start_iso: "2027-12-01T10:00:00-05:00",
    attendee_name: "Vecina Secreta",
  });
  if (error !== undefined) throw new Error(JSON.stringify(error));
  return answer.booking_id;
}

/**
 * Makes a customer whose connection is in the given state.
 * @returns its schedule with all defaults; the neighbour's where the customer is to be unknown.
 */
export async function addCustomer(
  world: World,
  id: string,
  connection: Conversation["connection"],
  business: Business,
): Promise<Schedule> {
  if (connection === "unknown_customer") return toSchedule(await world.api("GET", schedulePath(neighbourId)));
  if (connection === "never_connected") await world.connect(id);
  else await world.connected(id, { time_zone: business.time_zone });
  const saved = toSchedule(await world.api("PUT", schedulePath(id), business.schedule));
  if (connection === "revoked") {
    await world.sandbox("POST", "revoke", { email: customerEmail(id) });
    await world.sandbox("POST", "expire-access-tokens");
  }
  return saved;
}

function toSchedule({ status, body }: { status: number; body: Schedule }): Schedule {
  if (status !== 200) throw new Error(`the schedule was refused: ${JSON.stringify(body)}`);
  return body;
}

const schedulePath = (id: string) => `/v1/customer-calendars/${id}/schedule`;
export const customerEmail = (id: string) => `${id}@example.com`;
