import { setTimeout as sleep } from "node:timers/promises";
import type { World } from "./world.ts";

/** `code`: undefined where it was answered. */
export type Answered = { ms: number; code: string | undefined };

/** One question of a customer's agent. */
export async function ask(world: World, customer: string): Promise<Answered> {
  const begun = performance.now();
  const { error } = await world.call(customer, "get_available_slots", { date_iso: "2027-01-18" });
  return { ms: performance.now() - begun, code: error?.code };
}

export async function askMany(world: World, customer: string, times: number, pauseMs = 60) {
  const answers: Answered[] = [];
  for (let i = 0; i < times; i++) {
    answers.push(await ask(world, customer));
    await sleep(pauseMs);
  }
  return answers;
}

/** Agents of these customers ask again and again until they are stopped. */
export function keepAsking(world: World, customers: readonly string[], pauseMs = 50) {
  let stopped = false;
  const answers: Answered[] = [];
  const loops = customers.map(async (customer) => {
    while (!stopped) {
      answers.push(await ask(world, customer));
      await sleep(pauseMs);
    }
  });
  return {
    answers,
    async stop() {
      stopped = true;
      await Promise.all(loops);
    },
  };
}

/** What goes wrong for one customer alone. */
export const faultFor = (world: World, customer: string, { call, ...fault }: CallFault) =>
  world.fault(call, { email: `${customer}@example.com`, ...fault });

export type CallFault = { call: "any" | "token"; status?: number; latency_ms?: number; drop?: boolean };

export const refused = (answers: readonly Answered[]) => answers.filter(({ code }) => code !== undefined);
