import type { Owner } from "./owner.ts";
import type { readToolResult } from "./tool-result.ts";
import type { World } from "./world.ts";

type Outcome = ReturnType<typeof readToolResult>;

/** A business in Bogota with an empty calendar, and agents that serve it. */
export type Customer = {
  readonly name: string;
  readonly owner: Owner;
  call(tool: string, args: object): Promise<Outcome>;
  /** Ids of its events, by time. */
  eventIds(): Promise<string[]>;
  /** What stands in the calendar: title and time. */
  events(): Promise<string[]>;
  /** What `list_bookings` tells, in the same words. */
  listed(): Promise<string[]>;
};

export async function openCustomer(world: World, name: string): Promise<Customer> {
  await world.connected(name);
  const call = (tool: string, args: object) => world.call(name, tool, args);
  const eventsLeft = () => world.readEvents(`${name}@example.com`);
  return {
    name,
    owner: await world.signInOwner(`${name}@example.com`),
    call,
    eventIds: async () => (await eventsLeft()).map(({ id }) => id),
    async events() {
      return (await eventsLeft()).map(({ title, start }) => `${title} ${timeOf(start)}`).sort();
    },
    async listed() {
      const { answer } = await call("list_bookings", {});
      return answer.bookings
        .map(
          ({ attendee_name, start }: { attendee_name: string; start: string }) =>
            `${attendee_name} · Cita ${timeOf(Date.parse(start))}`,
        )
        .sort();
    },
  };
}

/** Bogota's wall time, which is always five hours behind UTC. */
function timeOf(instant: number): string {
  return new Date(instant - 5 * 3_600_000).toISOString().slice(11, 16);
}
