import { send } from "../http-client.ts";

/** A request as an agent without a library sends it: no `initialize` before it, no `Accept`. */
export type McpCall = {
  readonly headers: Record<string, string>;
  readonly body: string;
};

export type ToolName =
  | "get_business_info"
  | "get_available_slots"
  | "book"
  | "list_bookings"
  | "reschedule_booking"
  | "cancel_booking";

export function listTools(customerId: string): McpCall {
  return rpc(customerId, "tools/list");
}

export function callTool(customerId: string, name: ToolName, args: object): McpCall {
  return rpc(customerId, "tools/call", { name, arguments: args });
}

function rpc(customerId: string, method: string, params?: object): McpCall {
  return {
    headers: { "content-type": "application/json", "x-customer-id": customerId },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
  };
}

/**
 * A text that every successful answer contains and no error does, so that refusals, which are fast, aren't measured.
 * It is part of the structured content: in the text content quotes are escaped.
 */
export const successTexts = {
  "tools/list": '"tools":[{',
  get_available_slots: '"slots":[{"start":',
  get_business_info: '"services":[{"id":',
  book: '"status":"confirmed"',
  list_bookings: '"bookings":[{"booking_id":',
  reschedule_booking: '"status":"confirmed"',
  cancel_booking: '"status":"cancelled"',
} as const;

/** @returns the answer's body. @throws where it doesn't contain `successText` */
export async function sendMcp(url: string, call: McpCall, successText: string): Promise<string> {
  const answer = await send({ method: "POST", url: `${url}/mcp`, ...call });
  if (answer.status === 200 && answer.text.includes(successText)) return answer.text;
  throw new Error(`${call.body} was answered with ${answer.status}: ${answer.text.slice(0, 1_000)}`);
}
