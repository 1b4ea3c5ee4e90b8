import { send } from "./http-client.ts";

/** The literal request of an agent without any library: no initialize, no `Accept`. */
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

/**
 * The calls that move what was booked to the time of another booking, and that cancel it.
 * @param answer what the booking was answered with.
 */
export function changesOf(
  booking: McpCall,
  answer: string,
  other: McpCall,
): [move: McpCall, cancel: McpCall] {
  const { result } = JSON.parse(answer) as { result: { structuredContent: { booking_id: string } } };
  const { booking_id } = result.structuredContent;
  const { params } = JSON.parse(other.body) as { params: { arguments: { start_iso: string } } };
  const customerId = booking.headers["x-customer-id"] ?? "";
  return [
    callTool(customerId, "reschedule_booking", { booking_id, start_iso: params.arguments.start_iso }),
    callTool(customerId, "cancel_booking", { booking_id }),
  ];
}

function rpc(customerId: string, method: string, params?: object): McpCall {
  return {
    headers: { "content-type": "application/json", "x-customer-id": customerId },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
  };
}

/**
 * What stands in an answer that did what was asked, and in none that is an error: a benchmark of
 * refusals would look very good. The text of a result escapes its quotes, so this is the structured content.
 */
export const signOfSuccess = {
  "tools/list": '"tools":[{',
  get_available_slots: '"slots":[{"start":',
  get_business_info: '"services":[{"id":',
  book: '"status":"confirmed"',
  list_bookings: '"bookings":[{"booking_id":',
  reschedule_booking: '"status":"confirmed"',
  cancel_booking: '"status":"cancelled"',
} as const;

/** @returns the answer's body. @throws where it doesn't bear the sign. */
export async function sendMcp(url: string, call: McpCall, sign: string): Promise<string> {
  const answer = await send({ method: "POST", url: `${url}/mcp`, ...call });
  if (answer.status === 200 && answer.text.includes(sign)) return answer.text;
  throw new Error(`${call.body} was answered with ${answer.status}: ${answer.text.slice(0, 1_000)}`);
}
