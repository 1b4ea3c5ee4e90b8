import type { AgentKeyAudience } from "@cita/calendar-api";
import type { Language } from "@cita/scheduling";
import type { FastifyBaseLogger } from "fastify";
import { internalFault, tooManyCalls, unknownCustomer, unnamedCustomer } from "./caller-errors.ts";
import type { BoundAttendee, Tool, ToolCaller } from "./tool.ts";
import type { HostArgument } from "./tool-arguments.ts";
import { ToolError } from "./tool-error.ts";

/** Who sent a request, as far as it is known before any tool is called. */
export type McpCaller = {
  /** Undefined: the request names no customer, or none that could exist. */
  readonly customerId: string | undefined;
  /** Whom the sender's key serves. With `attendee`, tools reach no attendee's data unless `attendee` is set. */
  readonly audience: AgentKeyAudience;
  /** The attendee that the call is bound to; undefined: the headers name none. */
  readonly attendee: BoundAttendee | undefined;
  /** How long the caller has to wait: no tool is called then. Undefined: the call is within the limit. */
  readonly waitSeconds: number | undefined;
  /** Its lines carry the request's id. */
  readonly log: FastifyBaseLogger;
  /**
   * Replaces an error by one with advice for the business. Set only where the caller is the business's own client on this
   * machine, since the advice may have a consent link.
   */
  readonly explainFailure?: (error: unknown) => Promise<unknown>;
};

/** Finds a customer's language; English for no customer, and where it can't be read. Never rejects. */
export type FindLanguage = (customerId: string | undefined) => Promise<Language>;

export type CallDeps = {
  /** Whether this customer was ever given a link. */
  isKnown(customerId: string): Promise<boolean>;
  findLanguage: FindLanguage;
  /** Called after every call of a tool. */
  observe(call: ObservedCall): void;
};

/** How a call of a tool ended, for metrics. */
export type ObservedCall = {
  readonly tool: string;
  /** `ok` or the error's code. */
  readonly outcome: string;
  readonly seconds: number;
  /** Arguments that the caller's host had added, which were dropped. */
  readonly dropped: readonly HostArgument[];
};

/** A tool's result as MCP defines it. */
export type ToolResult = {
  content: { type: "text"; text: string }[];
  structuredContent?: Record<string, unknown>;
  isError?: true;
};

/**
 * Asks the client to open a link by URL elicitation.
 * @returns the result that does it; undefined where the client can't. @throws a protocol error where that does it.
 */
export type ElicitUrl<Elicitation> = (link: { url: string; message: string }) => Elicitation | undefined;

/**
 * Calls a tool. The result is also sent as JSON text, since many hosts give a model nothing else. Errors have no
 * `structuredContent`, because strict clients validate that against the output schema.
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
 * Runs a tool, or reads a resource, for the caller's customer, unless the call is beyond the limit.
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
    // Our own limit has no cause. Logging it would fill the log when there are too many calls.
    if (faults.has(toolError.code) && toolError.cause !== undefined)
      log.warn({ err: toolError, customer_id: customerId, tool: subject }, "a tool call failed");
    throw toolError;
  }
}

/** Codes of failures that the caller hasn't caused. */
const faults = new Set<string>(["calendar_unavailable", "rate_limited"]);
