import type { Language } from "@cita/scheduling";
import type { FindLanguage } from "../language/find-language.ts";
import { wordsOf } from "../language/words.ts";
import type { ToolCallResult } from "../metrics/metrics.ts";
import { ConnectionOffered } from "../tools/explain-connection.ts";
import type { HostArgument } from "../tools/host-arguments.ts";
import type { Tool } from "../tools/tool.ts";
import { ToolError } from "../tools/tool-error.ts";
import { type AskDeps, askBusiness } from "./ask-business.ts";
import type { McpCaller } from "./mcp-caller.ts";

/** A tool's answer in the protocol's shape, whichever library carries it. */
export type ToolAnswer = {
  content: { type: "text"; text: string }[];
  structuredContent?: Record<string, unknown>;
  isError?: true;
};

export type CallToolDeps = AskDeps & {
  findLanguage: FindLanguage;
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
    if (error instanceof ConnectionOffered) {
      const message = error.reason(wordsOf(language));
      const elicitation = elicitUrl?.({ url: error.url, message });
      if (elicitation !== undefined) return elicitation;
    }
    return errorAnswer(error, language);
  }
}

export function errorAnswer(error: ToolError, language: Language): ToolAnswer {
  return { content: [{ type: "text", text: JSON.stringify(error.toBody(language)) }], isError: true };
}
