import type { World } from "../test/support/world.ts";
import type { Agent } from "./agents/agent.ts";
import { badAgents } from "./agents/bad-agents.ts";
import type { Conversation, Evals } from "./conversation.ts";
import { openEnvironment } from "./environment.ts";
import { replay, type TrialResult } from "./replay.ts";

export type Selection = {
  /** The name of the only bad agent. Default: all of them. */
  readonly agent?: string | undefined;
  /** A bad agent replays one in so many of the conversations it can err in. Default: 1, each of them. */
  readonly every?: number;
};

/** Each conversation by the good agent, and by each bad agent that can make its mistake there. */
export async function replayAll(
  world: World,
  evals: Evals,
  selection: Selection = {},
): Promise<TrialResult[]> {
  const environment = await openEnvironment(world, evals.businesses);
  const conversations = sortByTime(evals.conversations);
  const assignments = badAgents
    .filter(({ name }) => selection.agent === undefined || selection.agent === name)
    .map((agent, index) => ({
      agent,
      assigned: choose(applicable(agent, conversations, evals.businesses), index, selection.every ?? 1),
    }));
  const results: TrialResult[] = [];
  try {
    for (const conversation of conversations) {
      const good = await replay(environment, conversation);
      results.push(good);
      for (const { agent, assigned } of assignments) {
        if (assigned.has(conversation))
          results.push(await replay(environment, conversation, agent, good.outcomes));
      }
    }
  } finally {
    await environment.close();
  }
  return results;
}

/** All conversations share one clock, which then goes back as seldom as possible. */
function sortByTime(conversations: readonly Conversation[]): Conversation[] {
  return conversations.toSorted((a, b) => Date.parse(a.now) - Date.parse(b.now));
}

function applicable(
  agent: Agent,
  conversations: readonly Conversation[],
  businesses: Evals["businesses"],
): Conversation[] {
  return conversations.filter((conversation) => {
    const business = businesses[conversation.business];
    return business && conversation.calls.some((call) => agent.canErrAt(call, { conversation, business }));
  });
}

/** At least one. The first differs from agent to agent, so that all agents together cover most conversations. */
function choose(own: readonly Conversation[], index: number, every: number): Set<Conversation> {
  const first = index % Math.min(every, own.length);
  return new Set(own.filter((_, at) => at % every === first));
}
