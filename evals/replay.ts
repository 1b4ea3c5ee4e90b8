import { type Agent, goodAgent } from "./agents/agent.ts";
import type { Conversation } from "./conversation.ts";
import type { Environment } from "./environment.ts";
import { findDifferences, toCalendarBookings } from "./expected-bookings.ts";
import { fillPlaceholders, findMismatches, type Outcome } from "./outcome.ts";
import { startTrial, type Trial } from "./trial.ts";

export type TrialResult = {
  readonly conversation: Conversation;
  readonly agent: string;
  /** Empty where no invariant was violated and the expected bookings are there. */
  readonly problems: readonly string[];
  readonly calls: Trial["calls"];
  /** One for each call of the script: its answer, or what the agent got in its place. */
  readonly outcomes: readonly Outcome[];
};

/**
 * Makes the calls of a conversation's script, with the agent's mistake among them.
 * @param goodOutcomes what the good agent got for each call.
 */
export async function replay(
  environment: Environment,
  conversation: Conversation,
  agent: Agent = goodAgent,
  goodOutcomes: readonly Outcome[] = [],
): Promise<TrialResult> {
  const trial = await startTrial(await environment.prepare(conversation));
  const outcomes: Outcome[] = [];
  let expected = conversation.leaves;
  try {
    let hasErred = false;
    for (const [index, step] of conversation.calls.entries()) {
      await trial.applyChanges(step.meanwhile);
      const call = { tool: step.tool, args: fillPlaceholders(step.args, outcomes) };
      const errs: boolean = (agent.always || !hasErred) && agent.canErrAt(step, trial.scenario);
      hasErred ||= errs;
      const before = toCalendarBookings(trial.latest());
      const outcome = errs
        ? await agent.errAndRecover(call, trial, goodOutcomes[index])
        : await trial.call(call);
      if (outcome === "stops") {
        expected = before;
        break;
      }
      outcomes.push(outcome);
      trial.problems.push(
        ...findMismatches(outcome, step.gets).map((problem) => `call ${index + 1}: ${problem}`),
      );
    }
  } catch (error) {
    trial.problems.push(`it broke off: ${error instanceof Error ? error.message : String(error)}`);
  }
  const differences = findDifferences(await trial.scenario.takeSnapshot(), expected);
  return {
    conversation,
    agent: agent.name,
    problems: [...trial.problems, ...differences],
    calls: trial.calls,
    outcomes,
  };
}
