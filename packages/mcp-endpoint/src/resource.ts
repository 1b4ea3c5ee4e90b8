import type { ToolCaller } from "./tool.ts";

/** A text that a host may attach to a conversation. Like a tool, it knows no protocol library. */
export type Resource = {
  readonly uri: string;
  readonly name: string;
  readonly title: string;
  /** Written for a language model, and for the person who picks it from a list. */
  readonly description: string;
  readonly mimeType: string;
  /** @returns its text, as it is now. @throws ToolError for everything a caller can do something about. */
  read(caller: ToolCaller): Promise<string>;
};
