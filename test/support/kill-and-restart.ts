import { setTimeout as sleep } from "node:timers/promises";
import { type Interrupted, killDuring } from "./kill-during.ts";
import type { CalendarProcess, ProcessWorld, ToolOutcome } from "./process-world.ts";
import type { StoredEvent } from "./tested-provider.ts";

const holdMs = 4_000;
/** What a slow machine may take to start a process, to sweep and to book. */
const slackMs = 20_000;

/** A calendar service with holds so short that a test can wait for their end. */
export const startWithShortHolds = (world: ProcessWorld) =>
  world.start("test/fixtures/hasty-calendar-service.ts", { HOLD_MS: `${holdMs}` });

export type Restarted = {
  /** How many calls were answered before the kill. */
  readonly answered: number;
  /** The events that each call's customer had right after the kill. */
  readonly left: StoredEvent[][];
  /** The process that was started after the kill, over the same database. */
  readonly second: CalendarProcess;
  /**
   * Books for another attendee, as soon as one of these times is free.
   *
   * @returns the last answer: the booking, or the refusal once every hold must have ended.
   */
  bookOnceFree(customer: string, times: readonly string[]): Promise<ToolOutcome>;
};

/** Kills a process while it serves these calls, and starts another one. */
export async function killAndRestart(
  world: ProcessWorld,
  first: CalendarProcess,
  interrupted: readonly Interrupted[],
): Promise<Restarted> {
  const answered = await killDuring(world.providerCalls, first, interrupted);
  const killedAt = Date.now();
  const left = await Promise.all(interrupted.map(({ customer }) => world.events(customer)));
  const second = await startWithShortHolds(world);

  async function bookOnceFree(customer: string, times: readonly string[]) {
    for (;;) {
      for (const start_iso of times) {
        const outcome = await second.call(customer, "book", { start_iso, attendee_name: "Bea" });
        if (outcome.error?.code !== "slot_taken" || Date.now() - killedAt > holdMs + slackMs) return outcome;
      }
      await sleep(100);
    }
  }

  return { answered, left, second, bookOnceFree };
}
