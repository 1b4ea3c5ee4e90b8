import type { AgentKeyAudience } from "@cita/calendar-api";
import type { Language } from "@cita/scheduling";
import type { FastifyBaseLogger } from "fastify";
import { internalFault, tooManyCalls, unknownCustomer, unnamedCustomer } from "./caller-errors.ts";
import type { HostArgument } from "./host-arguments.ts";
import type { BoundAttendee, Tool, ToolCaller } from "./tool.ts";
import { ToolError } from "./tool-error.ts";

/** Who sent a request, as far as it is known before any tool is called. */
export type McpCaller = {
  /** Undefined: the request names no customer, or none that could exist. */
  readonly customerId: string | undefined;
  /** Whom the sender's key serves. With `attendee`, nobody's data is reached unless `attendee` is set. */
  readonly audience: AgentKeyAudience;
  /** The attendee that the call is bound to; undefined: the headers named nobody. */
  readonly attendee: BoundAttendee | undefined;
  /** How long to wait, where too many requests have come for this customer: no tool is called then. */
  readonly waitSeconds: number | undefined;
  /** Its lines carry the request's id. */
  readonly log: FastifyBaseLogger;
  /**
   * Turns a failure into the one that the caller is told. Given only where the caller is the business's own client on
   * this machine: nobody else may be shown a consent link.
   */
  readonly explainFailure?: (error: unknown) => Promise<unknown>;
};

/** Reads the language in which a customer is answered; of none, or where it can't be read, English. Never rejects. */
export type FindLanguage = (customerId: string | undefined) => Promise<Language>;

export type CallDeps = {
  /** Whether this customer was ever given a link. */
  isKnown(customerId: string): Promise<boolean>;
  findLanguage: FindLanguage;
  /** Told of every call of a tool, however it ended. */
  observe(call: ObservedCall): void;
};

/** How a call of a tool ended, for metrics. */
export type ObservedCall = {
  readonly tool: string;
  /** `ok` or the error's code. */
  readonly outcome: string;
  readonly seconds: number;
  /** Arguments that the caller's host had added, and that were dropped. */
  readonly dropped: readonly HostArgument[];
};

/** A tool's result as MCP defines it. */
export type ToolResult = {
  content: { type: "text"; text: string }[];
  structuredContent?: Record<string, unknown>;
  isError?: true;
};

/**
 * Has the client open a link by the protocol's own means.
 * @returns the result that does it; undefined where the client can't. @throws where an error of the protocol does it.
 */
export type ElicitUrl<Elicitation> = (link: { url: string; message: string }) => Elicitation | undefined;

/**
 * Calls a tool. Its answer is sent as JSON text as well, because many hosts show a model nothing else. Errors carry no
 * structured content: strict clients check that against the output schema.
 */
export async function callTool<Elicitation = never>(
  deps: CallDeps,
  tool: Tool,
  args: unknown,
  caller: McpCaller,
  elicitUrl?: ElicitUrl<Elicitation>,
): Promise<ToolResult | Elicitation> {
  const begun = performance.now();
  let dropped: readonly HostArgument[] = [];
  const noteDropped = (names: readonly HostArgument[]) => {
    dropped = names;
  };
  const observe = (outcome: string) =>
    deps.observe({ tool: tool.name, outcome, seconds: (performance.now() - begun) / 1_000, dropped });
  try {
    const structuredContent = await runForCaller(deps, tool.name, caller, (toolCaller) =>
      tool.call(args, toolCaller, noteDropped),
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
    return errorResult(error, language);
  }
}

export function errorResult(error: ToolError, language: Language): ToolResult {
  return { content: [{ type: "text", text: JSON.stringify(error.toBody(language)) }], isError: true };
}

/**
 * Runs a tool, or reads a resource, for the customer that the caller names, unless too many requests have come for it.
 * @param subject the tool's or resource's name, for the log.
 * @throws ToolError, and nothing else.
 */
export async function runForCaller<Answer>(
  { isKnown }: Pick<CallDeps, "isKnown">,
  subject: string,
  { customerId, audience, attendee, waitSeconds, log, explainFailure }: McpCaller,
  run: (caller: ToolCaller) => Promise<Answer>,
): Promise<Answer> {
  try {
    if (waitSeconds !== undefined) throw tooManyCalls(waitSeconds);
    if (customerId === undefined) throw unnamedCustomer();
    return await run({ customerId, audience, attendee }).catch(async (error: unknown) => {
      if (explainFailure !== undefined) throw await explainFailure(error);
      // A customer without a connection may be one that doesn't exist.
      const isUnconnected = error instanceof ToolError && error.code === "not_connected";
      throw isUnconnected && !(await isKnown(customerId)) ? unknownCustomer(error) : error;
    });
  } catch (error) {
    const toolError = error instanceof ToolError ? error : internalFault(error);
    // Our own limit has no cause, and would fill the log just when there is too much already.
    if (faults.has(toolError.code) && toolError.cause !== undefined)
      log.warn({ err: toolError, customer_id: customerId, tool: subject }, "a tool call failed");
    throw toolError;
  }
}

/** What isn't the caller's doing. */
const faults = new Set<string>(["calendar_unavailable", "rate_limited"]);
