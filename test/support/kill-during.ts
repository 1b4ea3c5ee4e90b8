import { setTimeout as sleep } from "node:timers/promises";
import type { GoogleCall, GoogleCalls } from "./google-calls.ts";
import type { CalendarProcess, ProcessWorld, StandingEvent, ToolOutcome } from "./process-world.ts";

/** When a process is killed: while it waits for the answer to a call to Google. */
export type Moment = {
  readonly call: GoogleCall;
  /** The how-manieth such call of the tool. Default: the first. */
  readonly nth?: number;
  /** What becomes of the call: Google never gets it, does it after the kill, or has done it. */
  readonly fate: "lost" | "late" | "unheard";
  /** What goes wrong on the way there. */
  readonly trouble?: (calls: GoogleCalls) => void;
};

export type Interrupted = {
  readonly customer: string;
  readonly tool: string;
  readonly args: object;
  readonly moment: Moment;
};

const holdMs = 4_000;
/** What a slow machine may take to start a process, to sweep and to book. */
const slackMs = 20_000;

/** A service whose holds run out soon. */
export const startWithShortHolds = (world: ProcessWorld): Promise<CalendarProcess> =>
  world.start("test/fixtures/hasty-calendar-service.ts", { HOLD_MS: `${holdMs}` });

/** One whose agent repeats its request after the kill, or whose times somebody else wants then. */
export type Case = Interrupted & { readonly repeated: boolean };

export type AfterKill = {
  /** How many were answered before the kill. */
  readonly answered: number;
  /** The events of each, as the kill left them. */
  readonly left: StandingEvent[][];
  readonly second: CalendarProcess;
  /** What the agent of each was told after the kill. */
  readonly outcomes: ToolOutcome[];
};

/** @param wanted the times that somebody else wants, any of them. */
export async function killAndStartAgain(
  world: ProcessWorld,
  first: CalendarProcess,
  cases: readonly Case[],
  wanted: readonly string[],
): Promise<AfterKill> {
  const answered = await killDuring(world.googleCalls, first, cases);
  const killedAt = Date.now();
  const left = await Promise.all(cases.map(({ customer }) => world.events(customer)));
  const second = await startWithShortHolds(world);
  const outcomes = await Promise.all(
    cases.map(({ customer, tool, args, repeated }) =>
      repeated
        ? second.call(customer, tool, args)
        : bookOnceFree(second, customer, wanted, killedAt + holdMs + slackMs),
    ),
  );
  return { answered, left, second, outcomes };
}

/** As an agent does that is told that a time is taken, and can't believe it. */
async function bookOnceFree(
  service: CalendarProcess,
  customer: string,
  wanted: readonly string[],
  deadline: number,
): Promise<ToolOutcome> {
  for (;;) {
    for (const start_iso of wanted) {
      const outcome = await service.call(customer, "book", { start_iso, attendee_name: "Bea" });
      if (outcome.error?.code !== "slot_taken" || Date.now() > deadline) return outcome;
    }
    await sleep(100);
  }
}

/**
 * Brings each tool call to its moment, one after the other, and kills the process in the middle of them all:
 * they are of different customers, so that one kill and one restart serve as many as there are.
 *
 * @returns how many were answered before.
 */
export async function killDuring(
  calls: GoogleCalls,
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

function stopAt(calls: GoogleCalls, { call, nth, fate, trouble }: Moment, killed: Promise<void>) {
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
