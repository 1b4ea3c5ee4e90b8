import type { Test } from "tap";
import type { TestedProvider } from "./tested-provider.ts";
import { createWorld, readToolResult, type World } from "./world.ts";

export type Headers = Record<string, string>;

export const hourMs = 3_600_000;
export const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
export const listTools = { jsonrpc: "2.0", id: 1, method: "tools/list" };
export const toolCall = (name: string, args: object) => ({
  jsonrpc: "2.0",
  id: 1,
  method: "tools/call",
  params: { name, arguments: args },
});
export const callSlots = toolCall("get_available_slots", { date_iso: "2027-01-18" });
/** A key that nobody has made. */
export const madeUp = `cita_${"0".repeat(64)}`;

/** A server that trusts no header alone, as one that is reachable from elsewhere. */
export const openWorld = (t: Test, variables: Headers = {}, provider?: TestedProvider) =>
  createWorld(t, { provider, cacheSeconds: 60, variables: { MCP_HEADER_ONLY: "false", ...variables } });

export const keysPath = (customerId?: string) =>
  customerId === undefined ? "/v1/agent-keys" : `/v1/customer-calendars/${customerId}/agent-keys`;

/** Makes a key of one customer, or of the platform. */
export async function makeKey(world: World, customerId?: string, body: object = { name: "WhatsApp bot" }) {
  const made = await world.api("POST", keysPath(customerId), body);
  if (made.status !== 201) throw new Error(JSON.stringify(made));
  return made.body;
}

/** Whom a request gets the calendar of: at luna's nine o'clock is taken, at sol's two. */
export async function whoseSlots(world: World, headers: Headers): Promise<string> {
  const { status, body } = await world.rpc(callSlots, headers);
  if (status !== 200) return `${status}`;
  const { answer, error } = readToolResult(body.result);
  if (error !== undefined) return error.code;
  return ownerOf(answer);
}

export function ownerOf({ slots }: { slots: { start: string }[] }): string {
  const starts = slots.map(({ start }) => start.slice(11, 16));
  return ["09:00", "14:00"].filter((time) => !starts.includes(time)).join() === "09:00" ? "luna" : "sol";
}

/** Connects two calendars that `ownerOf` tells apart. */
export async function connectBoth(world: World): Promise<void> {
  const busy = (from: string, to: string) => [
    { title: "Ocupado", start: `2027-01-18T${from}:00-05:00`, end: `2027-01-18T${to}:00-05:00` },
  ];
  await world.connected("luna", { taken: busy("09:00", "10:00") });
  await world.connected("sol", { taken: busy("14:00", "15:00") });
}
