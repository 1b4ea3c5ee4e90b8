import type { World } from "./world.ts";

/** Whether a wall time on a date is offered. @param hour `HH:MM` */
export async function freeAt(
  world: World,
  customer: string,
  date_iso: string,
  hour: string,
): Promise<boolean> {
  const { answer } = await world.call(customer, "get_available_slots", { date_iso });
  return answer.slots.some((slot: { start: string }) => slot.start.slice(11, 16) === hour);
}

/** The dates of a range on which nothing is offered. */
export async function busyDays(
  world: World,
  customer: string,
  date_iso: string,
  days: number,
): Promise<string[]> {
  const { answer } = await world.call(customer, "get_available_slots", { date_iso, days });
  const free = new Set(answer.slots.map((slot: { start: string }) => slot.start.slice(0, 10)));
  const asked = Array.from({ length: days }, (_, i) =>
    new Date(Date.parse(date_iso) + i * 86_400_000).toISOString().slice(0, 10),
  );
  return asked.filter((date) => !free.has(date));
}

/** An event of an hour on Monday 18 January 2027, to make a calendar with. */
export const mondayEvent = (hour: number, extra: object = {}) => ({
  summary: "Privado",
  start: `2027-01-18T${String(hour).padStart(2, "0")}:00:00`,
  end: `2027-01-18T${String(hour + 1).padStart(2, "0")}:00:00`,
  ...extra,
});
