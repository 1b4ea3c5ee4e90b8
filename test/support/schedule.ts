import type { World } from "./world.ts";

export const schedulePath = (customerId: string) => `/v1/customer-calendars/${customerId}/schedule`;

/** @returns the answer, whatever it is. */
export const putSchedule = (world: World, customerId: string, schedule: object) =>
  world.api("PUT", schedulePath(customerId), schedule);

/** @throws where the schedule is refused. */
export async function setSchedule(world: World, customerId: string, schedule: object): Promise<void> {
  const { status, body } = await putSchedule(world, customerId, schedule);
  if (status !== 200) throw new Error(JSON.stringify(body));
}
