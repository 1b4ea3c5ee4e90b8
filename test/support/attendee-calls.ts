import { readToolResult, type World } from "./world.ts";

export type CallHeaders = Record<string, string>;

/** What came back of a call: a tool's answer, what it refused, or what was refused before any tool was run. */
export type Outcome = {
  status: number;
  answer?: ReturnType<typeof readToolResult>["answer"];
  error?: { code: string; message: string; next_step: string } | undefined;
  refused?: { code: string; message: string; header?: string };
};

export const attendeeTools = ["book", "list_bookings", "reschedule_booking", "cancel_booking"];

/** A key of a customer's, made as an admin does. */
export async function makeKey(world: World, customerId: string, audience?: string): Promise<CallHeaders> {
  const body = { name: "bot", ...(audience && { audience }) };
  const made = await world.api("POST", `/v1/customer-calendars/${customerId}/agent-keys`, body);
  if (made.status !== 201) throw new Error(JSON.stringify(made));
  return { authorization: `Bearer ${made.body.key}` };
}

/** Calls a tool with headers, however the call is bound by them. */
export async function callWith(
  world: World,
  headers: CallHeaders,
  name: string,
  args: object = {},
): Promise<Outcome> {
  const request = { jsonrpc: "2.0", id: 7, method: "tools/call", params: { name, arguments: args } };
  const { status, body } = await world.rpc(request, headers);
  if (body.error !== undefined) return { status, refused: body.error.data ?? body.error };
  return { status, ...readToolResult(body.result) };
}

/** Half an hour of the coming Monday in Bogotá, counted from nine. */
export function mondayAt(halfHour: number, day = 18): string {
  const minutes = 9 * 60 + halfHour * 30;
  const two = (value: number) => String(value).padStart(2, "0");
  return `2027-01-${day}T${two(Math.floor(minutes / 60))}:${two(minutes % 60)}:00-05:00`;
}
