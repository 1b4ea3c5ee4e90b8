import type { Schedule } from "@cita/calendar-api";
import type { World } from "../test/support/world.ts";
import type { Business, Conversation } from "./conversation.ts";

/** Whom no conversation is about, and nothing may happen to. */
export const neighbourId = "neighbour";

/** @returns the id of a booking of its own. */
export async function openNeighbour(world: World): Promise<string> {
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

/** Makes a customer in the state of connection that a conversation wants. @returns its schedule, complete */
export async function openCustomer(
  world: World,
  id: string,
  connection: Conversation["connection"],
  business: Business,
): Promise<Schedule> {
  if (connection === "unknown") return readSchedule(await world.api("GET", scheduleOf(neighbourId)));
  if (connection === "never_connected") await world.connect(id);
  else await world.connected(id, { time_zone: business.time_zone });
  const saved = readSchedule(await world.api("PUT", scheduleOf(id), business.schedule));
  if (connection === "revoked") {
    await world.sandbox("POST", "revoke", { email: emailOf(id) });
    await world.sandbox("POST", "expire-access-tokens");
  }
  return saved;
}

function readSchedule({ status, body }: { status: number; body: Schedule }): Schedule {
  if (status !== 200) throw new Error(`the schedule was refused: ${JSON.stringify(body)}`);
  return body;
}

const scheduleOf = (id: string) => `/v1/customer-calendars/${id}/schedule`;
export const emailOf = (id: string) => `${id}@example.com`;
