import type { CalendarProcess } from "./process-world.ts";
import type { ProviderCall, ProviderCalls } from "./provider-calls.ts";

/** When a process is killed: while it waits for the answer to a call to Google. */
export type Moment = {
  readonly call: ProviderCall;
  /** The how-manieth such call of the tool. Default: the first. */
  readonly nth?: number;
  /** What becomes of the call: Google never gets it, does it after the kill, or has done it. */
  readonly fate: "lost" | "late" | "unheard";
  /** What goes wrong on the way there. */
  readonly trouble?: (calls: ProviderCalls) => void;
};

/** A tool call that the kill interrupts. */
export type Interrupted = {
  readonly customer: string;
  readonly tool: string;
  readonly args: object;
  readonly moment: Moment;
};

/**
 * Brings each tool call to its moment, one after the other, and kills the process in the middle of them all:
 * they are of different customers, so that one kill and one restart serve as many as there are.
 *
 * @returns how many were answered before.
 */
export async function killDuring(
  calls: ProviderCalls,
  service: CalendarProcess,
  interrupted: readonly Interrupted[],
): Promise<number> {
  const killed = Promise.withResolvers<void>();
  const outcomes: Promise<"answered" | "cut off">[] = [];
  for (const { customer, tool, args, moment } of interrupted) {
    const reached = stopAt(calls, moment, killed.promise);
    const outcome = service.call(customer, tool, args).then(
      () => "answered" as const,
      () => "cut off" as const,
    );
    outcomes.push(outcome);
    await Promise.race([reached, outcome]);
  }
  await service.end("SIGKILL");
  killed.resolve();
  return (await Promise.all(outcomes)).filter((outcome) => outcome === "answered").length;
}

function stopAt(calls: ProviderCalls, { call, nth, fate, trouble }: Moment, killed: Promise<void>) {
  const reached = Promise.withResolvers<void>();
  const stop = () => {
    reached.resolve();
    return killed;
  };
  trouble?.(calls);
  if (fate === "unheard") calls.after(call, stop, { nth });
  else calls.before(call, stop, { nth, lost: fate === "lost" });
  return reached.promise;
}
