import type { ExternalChange } from "./conversation.ts";
import type { Scenario } from "./environment.ts";
import { findWordingProblems } from "./error-vocabulary.ts";
import { findFalseAnswers, findViolations } from "./invariants.ts";
import type { Answer, Outcome } from "./outcome.ts";
import type { Snapshot } from "./snapshot.ts";

export type Call = {
  readonly tool: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** The attendee's phone number, as the channel knows it; left out: the call is the business's. */
  readonly person?: string;
};

/** One agent's attempt at one conversation. The invariants are checked after each of its calls. */
export type Trial = {
  readonly scenario: Scenario;
  /** What has been wrong so far. */
  readonly problems: string[];
  readonly calls: { readonly tool: string; readonly code: string | undefined }[];
  call(call: Call): Promise<Outcome>;
  /** Sends all calls at the same time. */
  callTogether(calls: readonly Call[]): Promise<Outcome[]>;
  /** Sends a call whose answer is lost on its way to the agent. */
  callLosingAnswer(call: Call): Promise<void>;
  applyChanges(changes: readonly ExternalChange[]): Promise<void>;
  expect(condition: unknown, problem: string): void;
  /** Expects an error with one of the codes, which contains the hint that leads to the agent's next step. */
  expectHint(outcome: Outcome, code: string | readonly string[], hint: string): void;
  /** As it was after the last call or change. */
  latest(): Snapshot;
};

export async function startTrial(scenario: Scenario): Promise<Trial> {
  const problems: string[] = [];
  const calls: Trial["calls"] = [];
  let reference = await scenario.takeSnapshot();
  let latest = reference;

  async function checkInvariants(made: readonly Call[], outcomes: readonly Outcome[]): Promise<void> {
    latest = await scenario.takeSnapshot();
    const { business, schedule } = scenario;
    const violations = [
      ...findViolations(reference, latest, business, schedule),
      ...outcomes.flatMap((outcome) => findFalseAnswers(toClaimedChange(outcome), latest, business.language)),
      ...outcomes.flatMap((outcome) => findWordingProblems(outcome, business.language)),
    ];
    const tools = made.map(({ tool }) => tool).join(" and ");
    problems.push(...violations.map((violation) => `after ${tools}: ${violation}`));
    outcomes.forEach(({ error }, i) => {
      const tool = made[i]?.tool;
      if (tool !== undefined) calls.push({ tool, code: error?.code });
    });
  }

  const callTogether: Trial["callTogether"] = async (together) => {
    const outcomes = await Promise.all(
      together.map(({ tool, args, person }) => scenario.call(tool, args, person)),
    );
    await checkInvariants(together, outcomes);
    return outcomes;
  };

  return {
    scenario,
    problems,
    calls,
    callTogether,
    async call(call) {
      const outcome = await scenario.call(call.tool, call.args, call.person);
      await checkInvariants([call], [outcome]);
      return outcome;
    },
    async callLosingAnswer(call) {
      scenario.loseNextAnswer();
      const arrived = await scenario.call(call.tool, call.args).catch(() => undefined);
      if (arrived !== undefined)
        problems.push(`the answer of ${call.tool} arrived and should have been lost`);
      await checkInvariants([call], []);
    },
    async applyChanges(changes) {
      for (const change of changes) await scenario.applyChange(change);
      if (changes.length === 0) return;
      latest = await scenario.takeSnapshot();
      reference = { ...reference, businessEvents: latest.businessEvents };
    },
    expect(condition, problem) {
      if (!condition) problems.push(problem);
    },
    expectHint({ error }, code, hint) {
      const codes = [code].flat().join(" or ");
      if (error === undefined) problems.push(`there was no error, and should have been ${codes}`);
      else if (![code].flat().includes(error.code))
        problems.push(`the error was ${error.code}, and should have been ${codes}`);
      else if (!JSON.stringify(error).includes(hint))
        problems.push(`the error doesn't contain ${JSON.stringify(hint)}: ${JSON.stringify(error)}`);
    },
    latest: () => latest,
  };
}

/** An answer with a `status` says that something was changed; the others only list. */
function toClaimedChange({ answer }: Outcome): Answer {
  return answer?.status === undefined ? {} : answer;
}
