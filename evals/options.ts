import { parseArgs } from "node:util";
import { badAgents } from "./agents/bad-agents.ts";
import type { Evals } from "./conversation.ts";

export type Options = {
  /** The id of a conversation. */
  readonly only?: string | undefined;
  /** A bad agent's name. */
  readonly agent?: string | undefined;
  /** A vendor's name of a model, which then takes the scripted agents' place. */
  readonly model?: string | undefined;
};

/** @returns what is wrong with the command line, as a sentence, where it can't be run. */
export function readOptions(args: readonly string[], { conversations }: Evals): Options | string {
  const text = { type: "string" } as const;
  try {
    const { values } = parseArgs({ args: [...args], options: { only: text, agent: text, model: text } });
    const { only, agent } = values;
    if (only !== undefined && !conversations.some(({ id }) => id === only))
      return `There is no conversation ${JSON.stringify(only)}.`;
    const names = badAgents.map(({ name }) => name);
    if (agent !== undefined && !names.includes(agent))
      return `There is no agent ${JSON.stringify(agent)}: choose from ${names.join(", ")}.`;
    return values;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
