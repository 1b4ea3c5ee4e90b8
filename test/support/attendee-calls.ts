import type { Test } from "tap";
import type { TestedProvider } from "./tested-provider.ts";
import { createWorld, readToolResult, type World } from "./world.ts";

export type CallHeaders = Record<string, string>;

/** What came back of a call: a tool's answer, what it refused, or what was refused before any tool was run. */
export type Outcome = {
  status: number;
  answer?: ReturnType<typeof readToolResult>["answer"];
  error?: { code: string; message: string; next_step: string } | undefined;
  refused?: { code: string; message: string; header?: string };
};

export const ana = "+57 300 123 4567";
export const bea = "+57 300 765 4321";
export const byPhone = (phone: string) => ({ "x-attendee-phone": phone });
export const byRef = (ref: string) => ({ "x-attendee-ref": ref });

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

/** A connected business in English, a key for attendees (`bot`), and one of the business itself (`owner`). */
export async function openForAttendees(
  t: Test,
  variables: Record<string, string> = {},
  { engine, provider }: { engine?: "sqlite"; provider?: TestedProvider | undefined } = {},
) {
  const options = { provider, ...(engine !== undefined && { engine }) };
  const world = await createWorld(t, { ...options, variables: { MCP_HEADER_ONLY: "false", ...variables } });
  await world.connected("luna");
  await world.api("PUT", "/v1/customer-calendars/luna/schedule", { language: "en" });
  const [bot, owner] = [await makeKey(world, "luna", "attendee"), await makeKey(world, "luna")];
  const book = async (headers: CallHeaders, halfHour: number, args: object = {}) => {
    const sent = { start_iso: mondayAt(halfHour), attendee_name: "Ana", ...args };
    const { answer, ...refusal } = await callWith(world, headers, "book", sent);
    if (answer === undefined) throw new Error(JSON.stringify(refusal));
    return answer.booking_id as string;
  };
  const listed = async (headers: CallHeaders, args: object = {}): Promise<string[]> => {
    const { answer, ...refusal } = await callWith(world, headers, "list_bookings", args);
    if (answer === undefined) throw new Error(JSON.stringify(refusal));
    return answer.bookings.map(({ booking_id }: { booking_id: string }) => booking_id);
  };
  return { world, bot, owner, book, listed };
}

export async function readEvents(
  world: World,
): Promise<{ status: string; summary: string; description: string }[]> {
  return (await world.sandbox("GET", "events?email=luna@example.com")).events;
}
