import type { World } from "../test/support/world.ts";
import type { Agent } from "./agents/agent.ts";
import { badAgents } from "./agents/bad-agents.ts";
import type { Conversation, Evals } from "./conversation.ts";
import { type Played, play } from "./play.ts";
import { openStage } from "./scene.ts";

export type Choice = {
  /** One agent alone, beside the good one. */
  readonly agent?: string | undefined;
  /** Of the conversations a bad agent applies to, every how-manieth it plays. Default: each. */
  readonly every?: number;
};

/** Every conversation by the good agent, and by each bad one that can make its mistake there. */
export async function playAll(world: World, evals: Evals, choice: Choice = {}): Promise<Played[]> {
  const stage = await openStage(world, evals.businesses);
  const conversations = inOrderOfTime(evals.conversations);
  const agents = badAgents.filter(({ name }) => choice.agent === undefined || choice.agent === name);
  const casts = agents.map((agent, index) => ({
    agent,
    plays: choose(applicable(agent, conversations, evals.businesses), index, choice.every ?? 1),
  }));
  const played: Played[] = [];
  try {
    for (const conversation of conversations) {
      const good = await play(stage, conversation);
      played.push(good);
      for (const { agent, plays } of casts) {
        if (plays.has(conversation)) played.push(await play(stage, conversation, agent, good.outcomes));
      }
    }
  } finally {
    await stage.close();
  }
  return played;
}

/** Time runs forward where it can: it is the same for all who are on the stage. */
function inOrderOfTime(conversations: readonly Conversation[]): Conversation[] {
  return conversations.toSorted((a, b) => Date.parse(a.now) - Date.parse(b.now));
}

function applicable(
  agent: Agent,
  conversations: readonly Conversation[],
  businesses: Evals["businesses"],
): Conversation[] {
  return conversations.filter((conversation) => {
    const business = businesses[conversation.business];
    return business && conversation.calls.some((call) => agent.errsAt(call, { conversation, business }));
  });
}

/** At least one. Each agent begins elsewhere, so that a part of all covers most conversations. */
function choose(own: readonly Conversation[], index: number, every: number): Set<Conversation> {
  const first = index % Math.min(every, own.length);
  return new Set(own.filter((_, at) => at % every === first));
}
