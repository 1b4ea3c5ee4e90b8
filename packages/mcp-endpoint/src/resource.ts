import type { ToolCaller } from "./tool.ts";

/** Something a host may attach to a conversation. Like a tool, it knows neither the transport nor the protocol's library. */
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
