import type { ScriptedCall } from "../conversation.ts";
import type { Scenario } from "../environment.ts";
import type { Outcome } from "../outcome.ts";
import type { Call, Trial } from "../trial.ts";

/** Follows the script but for one kind of mistake, and then does what the answer's `next_step` or values say. */
export type Agent = {
  readonly name: string;
  /** What it does wrong, and what must hold besides the invariants. */
  readonly mistake: string;
  /** Errs at every call where it can. Otherwise only at the first. */
  readonly always?: true;
  /** Whether its mistake is possible at this call. */
  canErrAt(call: ScriptedCall, scenario: Pick<Scenario, "conversation" | "business">): boolean;
  /**
   * Makes the call wrongly, then as it should be.
   * @param goodOutcome what the good agent got for this call.
   * @returns what the script goes on with in place of the call's answer; `stops` where the agent gives up, which
   * must have changed nothing.
   */
  errAndRecover(call: Call, trial: Trial, goodOutcome: Outcome | undefined): Promise<Outcome | "stops">;
};

export const goodAgent: Agent = {
  name: "good",
  mistake: "none",
  canErrAt: () => false,
  errAndRecover: (call, trial) => trial.call(call),
};

/** Whether the script says that this call succeeds. */
export function succeeds({ gets }: ScriptedCall): boolean {
  return gets["error.code"] === undefined;
}

/** @returns whether a call is of one of the tools and succeeds. */
export function isSuccessfulCall(...tools: string[]): (call: ScriptedCall) => boolean {
  return (call) => tools.includes(call.tool) && succeeds(call);
}

/** Whether the service takes one booking at a time. */
export function hasCapacityOne(call: ScriptedCall, { business }: Pick<Scenario, "business">): boolean {
  const services = servicesOf(business);
  const service = services.find(({ id }) => id === call.args.service) ?? services[0];
  return (service?.capacity ?? 1) === 1;
}

type Service = { readonly id: string; readonly name: string; readonly capacity?: number };

export function servicesOf({ schedule }: Scenario["business"]): Service[] {
  return schedule.services as Service[];
}

export function withArgs(call: Call, args: Readonly<Record<string, unknown>>): Call {
  return { ...call, args: { ...call.args, ...args } };
}

/** The start in the script, with the offset that `get_available_slots` gives it. */
export function startOf({ args }: Call): string {
  return String(args.start_iso);
}

/** Asks for the slots of the day that is wanted, as an error says, and makes the call as it should be. */
export async function checkSlotsAndRepeat(call: Call, trial: Trial): Promise<Outcome> {
  const { service } = call.args;
  const args = { date_iso: startOf(call).slice(0, 10), ...(service !== undefined && { service }) };
  const { answer } = await trial.call({ tool: "get_available_slots", args });
  const slots = (answer?.slots ?? []) as { start: string }[];
  if (call.tool === "book")
    trial.expect(
      slots.some(({ start }) => start === startOf(call)),
      "the slots don't contain the time that is wanted",
    );
  return trial.call(call);
}

/**
 * Corrects a booking that was tried at another time than meant. An error must lead to the free slots; an answer
 * must say the time that was booked, and the agent then moves the booking.
 * @param wrong the outcome of that try.
 */
export async function correctTime(wrong: Outcome, call: Call, trial: Trial): Promise<Outcome> {
  if (wrong.error !== undefined) {
    trial.expectHint(wrong, wrong.error.code, "get_available_slots");
    return checkSlotsAndRepeat(call, trial);
  }
  const { booking_id, start, label } = wrong.answer;
  trial.expect(
    start !== startOf(call) && String(label).length > 0,
    "the answer doesn't say the time that was booked",
  );
  const moved = await trial.call({
    tool: "reschedule_booking",
    args: { booking_id, start_iso: startOf(call) },
  });
  return moved.error === undefined ? { answer: { ...wrong.answer, ...moved.answer } } : moved;
}
