import type { Implementation } from "@modelcontextprotocol/server";
import type { Tool, ToolCaller } from "./tool.ts";

/** What a server offers: tools that a model calls, resources that a host attaches, prompts that a person picks. */
export type ServerFeatures = {
  readonly serverInfo: Implementation;
  readonly tools: readonly Tool[];
  readonly resources: readonly Resource[];
  readonly prompts: readonly Prompt[];
  /** The server's `instructions` for a caller whose customer isn't known. */
  readonly instructions: string;
};

/** A text that a host may attach to a conversation. */
export type Resource = {
  readonly uri: string;
  readonly name: string;
  readonly title: string;
  /** For a language model, and for the person who picks the resource from a list. */
  readonly description: string;
  readonly mimeType: string;
  /** @returns the current text. @throws ToolError for everything a caller can do something about. */
  read(caller: ToolCaller): Promise<string>;
};

/** The beginning of a conversation, which a person picks in their host. */
export type Prompt = {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** All of them are optional. */
  readonly arguments: readonly PromptArgument[];
  /** @param args only those that were given. @returns the user's message to the model. */
  write(args: Readonly<Record<string, string>>): string;
};

export type PromptArgument = { readonly name: string; readonly title: string; readonly description: string };
