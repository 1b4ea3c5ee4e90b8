import type { World } from "./world.ts";

export const ten = "2027-01-18T10:00:00-05:00";
export const eleven = "2027-01-18T11:00:00-05:00";
export const monday = { date_iso: "2027-01-18" };
export const ana = {
  attendee_name: "Ana Ruiz",
  attendee_phone: "+57 300 123 4567",
  attendee_email: "ana@example.com",
};

/** The starts that luna offers, on Monday unless the arguments say otherwise. */
export async function readStarts(world: World, args: object = monday): Promise<string[]> {
  const { answer } = await world.call("luna", "get_available_slots", args);
  return answer.slots.map(({ start }: { start: string }) => start);
}

/** The events in luna's calendar that aren't cancelled. */
export const readEvents = (world: World) => world.readEvents("luna@example.com");

/** Books at luna's, where it has to succeed. */
export async function book(world: World, args: object = { start_iso: ten, ...ana }) {
  const { answer, error } = await world.call("luna", "book", args);
  if (error !== undefined) throw new Error(JSON.stringify(error));
  return answer;
}
