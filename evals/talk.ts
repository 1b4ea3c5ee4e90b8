import type { Answer, Outcome } from "./answer-path.ts";
import type { Meanwhile } from "./conversation.ts";
import { findBadWords } from "./error-vocabulary.ts";
import { findFalsePromises, findHarms } from "./harms.ts";
import type { Look } from "./look.ts";
import type { Scene } from "./scene.ts";

export type Call = {
  readonly tool: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** The number of whom the channel knows the person to be; left out: the call is the business's. */
  readonly person?: string;
};

/** One agent's calls in one conversation. After every one of them it is looked whether harm was done. */
export type Talk = {
  readonly scene: Scene;
  /** What is wrong so far. */
  readonly problems: string[];
  readonly calls: { readonly tool: string; readonly code: string | undefined }[];
  call(call: Call): Promise<Outcome>;
  /** Calls at the same moment. */
  callTogether(calls: readonly Call[]): Promise<Outcome[]>;
  /** The call is made, and its answer never arrives. */
  callInVain(call: Call): Promise<void>;
  /** Lets things happen that are nobody's mistake. */
  happen(events: readonly Meanwhile[]): Promise<void>;
  expect(condition: unknown, problem: string): void;
  /** The error's own words have to name the way that is taken next. */
  expectHint(outcome: Outcome, code: string | readonly string[], hint: string): void;
  latest(): Look;
};

export async function startTalk(scene: Scene): Promise<Talk> {
  const problems: string[] = [];
  const calls: Talk["calls"] = [];
  let reference = await scene.look();
  let latest = reference;

  async function inspect(about: readonly Call[], outcomes: readonly Outcome[]): Promise<void> {
    latest = await scene.look();
    const harms = [
      ...findHarms(reference, latest, scene.business, scene.schedule),
      ...outcomes.flatMap((outcome) =>
        findFalsePromises(promiseOf(outcome), latest, scene.business.language),
      ),
      ...outcomes.flatMap((outcome) => findBadWords(outcome, scene.business.language)),
    ];
    problems.push(...harms.map((harm) => `after ${about.map(({ tool }) => tool).join(" and ")}: ${harm}`));
    outcomes.forEach(({ error }, i) => {
      const tool = about[i]?.tool;
      if (tool !== undefined) calls.push({ tool, code: error?.code });
    });
  }

  const callTogether: Talk["callTogether"] = async (together) => {
    const outcomes = await Promise.all(
      together.map(({ tool, args, person }) => scene.call(tool, args, person)),
    );
    await inspect(together, outcomes);
    return outcomes;
  };

  return {
    scene,
    problems,
    calls,
    callTogether,
    async call(call) {
      const outcome = await scene.call(call.tool, call.args, call.person);
      await inspect([call], [outcome]);
      return outcome;
    },
    async callInVain(call) {
      scene.loseNextAnswer();
      const arrived = await scene.call(call.tool, call.args).catch(() => undefined);
      if (arrived !== undefined) problems.push(`the answer of ${call.tool} was to be lost, and arrived`);
      await inspect([call], []);
    },
    async happen(events) {
      for (const event of events) await scene.happen(event);
      if (events.length === 0) return;
      latest = await scene.look();
      reference = { ...reference, own: latest.own };
    },
    expect(condition, problem) {
      if (!condition) problems.push(problem);
    },
    expectHint({ error }, code, hint) {
      const codes = [code].flat();
      if (error === undefined) problems.push(`${codes.join(" or ")} was due, and there was no error`);
      else if (!codes.includes(error.code)) problems.push(`${codes.join(" or ")} was due, not ${error.code}`);
      else if (!JSON.stringify(error).includes(hint))
        problems.push(`nothing in the error says ${JSON.stringify(hint)}: ${JSON.stringify(error)}`);
    },
    latest: () => latest,
  };
}

/** Only what was changed is promised; a list tells of what is. */
function promiseOf({ answer }: Outcome): Answer {
  return answer?.status === undefined ? {} : answer;
}
