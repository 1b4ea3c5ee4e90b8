import type { Language } from "@cita/scheduling";
import { type AskDeps, askBusiness } from "./ask-business.ts";
import type { HostArgument } from "./host-arguments.ts";
import type { McpCaller } from "./mcp-caller.ts";
import type { Tool } from "./tool.ts";
import { ToolError } from "./tool-error.ts";

/** A tool's answer in the protocol's shape, whichever library carries it. */
export type ToolAnswer = {
  content: { type: "text"; text: string }[];
  structuredContent?: Record<string, unknown>;
  isError?: true;
};

/** How a call of a tool ended, for metrics. */
export type ToolCallResult = {
  readonly tool: string;
  /** `ok` or the error's code. */
  readonly outcome: string;
  readonly seconds: number;
  /** Arguments that the caller's host had added, and that were dropped. */
  readonly dropped: readonly HostArgument[];
};

export type CallToolDeps = AskDeps & {
  /** The language of a customer; of none, or where it can't be found out, English. Never rejects. */
  findLanguage(customerId: string | undefined): Promise<Language>;
  /** Told of every call, however it ended. */
  observe(call: ToolCallResult): void;
};

/**
 * Has the client open a link by the protocol's own means.
 * @returns the answer that does it; undefined where the client can't. @throws where an error of the protocol does it.
 */
export type ElicitUrl<Elicitation> = (link: { url: string; message: string }) => Elicitation | undefined;

/**
 * Calls a tool and puts its answer, or what it refuses, into words: JSON as text as well, because many
 * hosts show a model nothing else. Errors carry no structured content: strict clients check that
 * against the output schema.
 */
export async function callTool<Elicitation = never>(
  deps: CallToolDeps,
  tool: Tool,
  args: unknown,
  caller: McpCaller,
  elicitUrl?: ElicitUrl<Elicitation>,
): Promise<ToolAnswer | Elicitation> {
  const begun = performance.now();
  let dropped: readonly HostArgument[] = [];
  const noteDropped = (names: readonly HostArgument[]) => {
    dropped = names;
  };
  const observe = (outcome: string) =>
    deps.observe({ tool: tool.name, outcome, seconds: (performance.now() - begun) / 1_000, dropped });
  try {
    const structuredContent = await askBusiness(deps, tool.name, caller, (known) =>
      tool.call(args, known, noteDropped),
    );
    observe("ok");
    return { content: [{ type: "text", text: JSON.stringify(structuredContent) }], structuredContent };
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    observe(error.code);
    const language = await deps.findLanguage(caller.customerId);
    if (error.opens !== undefined) {
      const { url, reason } = error.opens;
      const elicitation = elicitUrl?.({ url, message: reason(language) });
      if (elicitation !== undefined) return elicitation;
    }
    return errorAnswer(error, language);
  }
}

export function errorAnswer(error: ToolError, language: Language): ToolAnswer {
  return { content: [{ type: "text", text: JSON.stringify(error.toBody(language)) }], isError: true };
}
