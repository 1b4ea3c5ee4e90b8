import type { McpCaller } from "./mcp-caller.ts";
import { localizedMessage } from "./messages.ts";
import type { ToolCaller } from "./tool.ts";
import { ToolError } from "./tool-error.ts";

export type AskDeps = {
  /** Whether this customer was ever given a link. */
  isKnown(customerId: string): Promise<boolean>;
};

/**
 * Asks a business something on behalf of a caller: for whom, whether they may now, and what is logged.
 * @param subject the tool's or resource's name, for the log.
 * @throws ToolError, and nothing else.
 */
export async function askBusiness<Answer>(
  deps: AskDeps,
  subject: string,
  caller: McpCaller,
  ask: (caller: ToolCaller) => Promise<Answer>,
): Promise<Answer> {
  const { customerId, audience, attendee, waitSeconds, explainFailure } = caller;
  try {
    if (waitSeconds !== undefined) throw tooManyCalls(waitSeconds);
    if (customerId === undefined) throw unnamedCustomer();
    return await ask({ customerId, audience, attendee }).catch(async (error: unknown) => {
      if (explainFailure !== undefined) throw await explainFailure(error);
      throw await explainUnknownCustomer(deps, error, customerId);
    });
  } catch (error) {
    const told = error instanceof ToolError ? error : internalFault(error);
    // Our own limit has no cause, and would fill the log just when there is too much already.
    if (faults.has(told.code) && told.cause !== undefined) {
      caller.log.warn({ err: told, customer_id: customerId, tool: subject }, "a tool call failed");
    }
    throw told;
  }
}

/** What isn't the caller's doing. */
const faults = new Set<string>(["calendar_unavailable", "rate_limited"]);

/** Without a connection the customer may be one we never heard of: then say that instead. */
async function explainUnknownCustomer(
  { isKnown }: AskDeps,
  error: unknown,
  customerId: string,
): Promise<unknown> {
  const isUnconnected = error instanceof ToolError && error.code === "not_connected";
  return isUnconnected && !(await isKnown(customerId)) ? unknownCustomer(error) : error;
}

function internalFault(cause: unknown): ToolError {
  return new ToolError("calendar_unavailable", {
    message: localizedMessage("internalFault"),
    retryable: true,
    next_step: "Don't say that there is no availability. Try again in a minute.",
    cause,
  });
}

/** Ours, not the calendar's: see `MCP_CALLS_PER_MINUTE`. */
export function tooManyCalls(waitSeconds: number): ToolError {
  return new ToolError("rate_limited", {
    message: localizedMessage("tooManyCalls"),
    retryable: true,
    next_step: `Wait ${waitSeconds} seconds, then call again. Don't say that there is no availability.`,
    details: { retry_after_seconds: waitSeconds },
  });
}

function unnamedCustomer(): ToolError {
  return new ToolError("unknown_customer", {
    message: localizedMessage("unnamedCustomer"),
    retryable: false,
    next_step: "Whoever set up this connection has to send the header X-Customer-Id with the customer's id.",
  });
}

function unknownCustomer(cause: unknown): ToolError {
  return new ToolError("unknown_customer", {
    message: localizedMessage("unknownCustomer"),
    retryable: false,
    next_step: "Whoever set up this connection has to check the customer's id in the header X-Customer-Id.",
    cause,
  });
}
