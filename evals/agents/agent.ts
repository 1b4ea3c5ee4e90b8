import type { Outcome } from "../answer-path.ts";
import type { ScriptedCall } from "../conversation.ts";
import type { Scene } from "../scene.ts";
import type { Call, Talk } from "../talk.ts";

/** Keeps to the script, but for one kind of mistake. What it does after that is what the answer told it to do. */
export type Agent = {
  readonly name: string;
  /** What it does wrong, and what must not come of it beside the harms that are looked for after every call. */
  readonly mistake: string;
  /** At every call it applies to; otherwise at the first one alone. */
  readonly always?: true;
  /** Whether it can make its mistake at this call. */
  errsAt(call: ScriptedCall, scene: Pick<Scene, "conversation" | "business">): boolean;
  /**
   * Makes the call wrongly and gets back.
   * @param rehearsal what the good agent was answered here.
   * @returns what stands for the call's answer; `stops` where it goes no further: then nothing has changed.
   */
  err(call: Call, talk: Talk, rehearsal: Outcome | undefined): Promise<Outcome | "stops">;
};

export const goodAgent: Agent = {
  name: "good",
  mistake: "none",
  errsAt: () => false,
  err: (call, talk) => talk.call(call),
};

/** Whether the script says that this call succeeds. */
export function succeeds({ gets }: ScriptedCall): boolean {
  return gets["error.code"] === undefined;
}

export function isOf(...tools: string[]): (call: ScriptedCall) => boolean {
  return (call) => tools.includes(call.tool) && succeeds(call);
}

/** Whether nobody else can be booked for the same time. */
export function isForOne(call: ScriptedCall, { business }: Pick<Scene, "business">): boolean {
  const services = servicesOf(business);
  const service = services.find(({ id }) => id === call.args.service) ?? services[0];
  return (service?.capacity ?? 1) === 1;
}

type Service = { readonly id: string; readonly name: string; readonly capacity?: number };

export function servicesOf({ schedule }: Scene["business"]): Service[] {
  return schedule.services as Service[];
}

export function withArgs(call: Call, args: Readonly<Record<string, unknown>>): Call {
  return { ...call, args: { ...call.args, ...args } };
}

/** The start the script wants, as `get_available_slots` gives it. */
export function startOf({ args }: Call): string {
  return String(args.start_iso);
}

/** Looks at the day of the start that is wanted, as an error said, and makes the call as it should be. */
export async function lookAndRepeat(call: Call, talk: Talk): Promise<Outcome> {
  const { service } = call.args;
  const args = { date_iso: startOf(call).slice(0, 10), ...(service !== undefined && { service }) };
  const { answer } = await talk.call({ tool: "get_available_slots", args });
  const slots = (answer?.slots ?? []) as { start: string }[];
  if (call.tool === "book")
    talk.expect(
      slots.some(({ start }) => start === startOf(call)),
      "looking again doesn't show the time that is wanted",
    );
  return talk.call(call);
}

/**
 * After a booking that may be at another time than meant: an error leads to the free times, and an answer says
 * the time so plainly that the agent sees it and moves it.
 */
export async function setRight(wrong: Outcome, call: Call, talk: Talk): Promise<Outcome> {
  if (wrong.error !== undefined) {
    talk.expectHint(wrong, wrong.error.code, "get_available_slots");
    return lookAndRepeat(call, talk);
  }
  const { booking_id, start, label } = wrong.answer;
  talk.expect(
    start !== startOf(call) && String(label).length > 0,
    "the answer hides the time that was booked",
  );
  const moved = await talk.call({
    tool: "reschedule_booking",
    args: { booking_id, start_iso: startOf(call) },
  });
  return moved.error === undefined ? { answer: { ...wrong.answer, ...moved.answer } } : moved;
}
