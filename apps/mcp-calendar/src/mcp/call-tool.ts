import type { ToolCallResult } from "../metrics/metrics.ts";
import type { Tool, ToolCaller } from "../tools/tool.ts";
import { ToolError } from "../tools/tool-error.ts";
import type { McpCaller } from "./mcp-caller.ts";

/** A tool's answer in the protocol's shape, whichever library carries it. */
export type ToolAnswer = {
  content: { type: "text"; text: string }[];
  structuredContent?: Record<string, unknown>;
  isError?: true;
};

export type CallToolDeps = {
  /** Whether this customer was ever given a link. */
  isKnown(customerId: string): Promise<boolean>;
  /** Told of every call, however it ended. */
  observe(call: ToolCallResult): void;
};

/**
 * Calls a tool and puts its answer, or what it refuses, into words: JSON as text as well, because many
 * hosts show a model nothing else. Errors carry no structured content: strict clients check that
 * against the output schema.
 */
export async function callTool(
  deps: CallToolDeps,
  tool: Tool,
  args: unknown,
  caller: McpCaller,
): Promise<ToolAnswer> {
  const begun = performance.now();
  const observe = (outcome: string) =>
    deps.observe({ tool: tool.name, outcome, seconds: (performance.now() - begun) / 1_000 });
  try {
    const structuredContent = await answer(deps, tool, args, caller);
    observe("ok");
    return { content: [{ type: "text", text: JSON.stringify(structuredContent) }], structuredContent };
  } catch (error) {
    const told = error instanceof ToolError ? error : internalFault(error);
    observe(told.code);
    // Our own limit has no cause, and would fill the log just when there is too much already.
    if (faults.has(told.code) && told.cause !== undefined) {
      const about = { err: told, customer_id: caller.customerId, tool: tool.name };
      caller.log.warn(about, "a tool call failed");
    }
    return { content: [{ type: "text", text: JSON.stringify(told) }], isError: true };
  }
}

/** What isn't the caller's doing. */
const faults = new Set<string>(["calendar_unavailable", "rate_limited"]);

function answer(
  deps: CallToolDeps,
  tool: Tool,
  args: unknown,
  { customerId, waitSeconds }: McpCaller,
): Promise<Record<string, unknown>> {
  if (customerId === undefined) throw unnamedCustomer();
  if (waitSeconds !== undefined) throw tooManyCalls(waitSeconds);
  const caller: ToolCaller = { customerId };
  return tool.call(args, caller).catch((error: unknown) => tellUnknown(deps, error, caller));
}

/** Without a connection the customer may be one we never heard of: then say that instead. */
async function tellUnknown(deps: CallToolDeps, error: unknown, { customerId }: ToolCaller): Promise<never> {
  if (error instanceof ToolError && error.code === "not_connected" && !(await deps.isKnown(customerId))) {
    throw unknownCustomer(error);
  }
  throw error;
}

function internalFault(cause: unknown): ToolError {
  return new ToolError("calendar_unavailable", {
    message: "Something went wrong on our side, so I don't know which times are free.",
    retryable: true,
    next_step: "Don't say that there is no availability. Try again in a minute.",
    cause,
  });
}

/** Ours, not the calendar's: see `MCP_CALLS_PER_MINUTE`. */
function tooManyCalls(waitSeconds: number): ToolError {
  return new ToolError("rate_limited", {
    message: "Too many requests came for this business in the last minute, so I couldn't look.",
    retryable: true,
    next_step: `Wait ${waitSeconds} seconds, then call again. Don't say that there is no availability.`,
    details: { retry_after_seconds: waitSeconds },
  });
}

function unnamedCustomer(): ToolError {
  return new ToolError("unknown_customer", {
    message: "This request doesn't say which business it is for.",
    retryable: false,
    next_step: "Whoever set up this connection has to send the header X-Customer-Id with the customer's id.",
  });
}

function unknownCustomer(cause: unknown): ToolError {
  return new ToolError("unknown_customer", {
    message: "I don't know this business.",
    retryable: false,
    next_step: "Whoever set up this connection has to check the customer's id in the header X-Customer-Id.",
    cause,
  });
}
