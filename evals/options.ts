import { parseArgs } from "node:util";
import { badAgents } from "./agents/bad-agents.ts";
import type { Evals } from "./conversation.ts";

export type Options = {
  /** The id of a conversation. */
  readonly only?: string | undefined;
  /** A bad agent's name. */
  readonly agent?: string | undefined;
  /** The vendor's name of a model, which replaces the scripted agents. */
  readonly model?: string | undefined;
};

/** @returns the options, or a sentence that says what is wrong with the command line. */
export function parseOptions(args: readonly string[], { conversations }: Evals): Options | string {
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
