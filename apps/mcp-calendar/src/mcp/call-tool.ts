import type { Tool, ToolCaller } from "../tools/tool.ts";
import { ToolError } from "../tools/tool-error.ts";

/** A tool's answer in the protocol's shape, whichever library carries it. */
export type ToolAnswer = {
  content: { type: "text"; text: string }[];
  structuredContent?: Record<string, unknown>;
  isError?: true;
};

export type CallToolDeps = {
  /** Whether this customer was ever given a link. */
  isKnown(customerId: string): Promise<boolean>;
  /** Called for what isn't the caller's doing. */
  onFault(error: unknown): void;
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
  customerId: string | undefined,
): Promise<ToolAnswer> {
  try {
    if (customerId === undefined) throw unnamedCustomer();
    const caller: ToolCaller = { customerId };
    const structuredContent = await tool
      .call(args, caller)
      .catch((error: unknown) => tellUnknown(deps, error, caller));
    return { content: [{ type: "text", text: JSON.stringify(structuredContent) }], structuredContent };
  } catch (error) {
    return { content: [{ type: "text", text: JSON.stringify(toToolError(deps, error)) }], isError: true };
  }
}

/** Without a connection the customer may be one we never heard of: then say that instead. */
async function tellUnknown(deps: CallToolDeps, error: unknown, { customerId }: ToolCaller): Promise<never> {
  if (error instanceof ToolError && error.code === "not_connected" && !(await deps.isKnown(customerId))) {
    throw unknownCustomer(error);
  }
  throw error;
}

function toToolError(deps: CallToolDeps, error: unknown): ToolError {
  const told = error instanceof ToolError ? error : internalFault(error);
  if (told.code === "calendar_unavailable" || told.code === "rate_limited") deps.onFault(told);
  return told;
}

function internalFault(cause: unknown): ToolError {
  return new ToolError("calendar_unavailable", {
    message: "Something went wrong on our side, so I don't know which times are free.",
    retryable: true,
    next_step: "Don't say that there is no availability. Try again in a minute.",
    cause,
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
