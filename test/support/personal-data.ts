import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Test } from "tap";
import { mondayAt } from "./attendee-calls.ts";
import { readAllTables, type Tables } from "./list-tables.ts";
import { setSchedule } from "./schedule.ts";
import { createWorld, type World } from "./world.ts";

/** A person by each identifier. The name is `Ana Secreta`, which no row contains but those about this person. */
export const ana = {
  phone: "+573001234567",
  email: "ana.secreta@example.com",
  ref: "CO.1349120865530274",
};

/** Two connected customers: luna, whose data is erased, and sol, whose isn't. */
export async function openTwoCustomers(t: Test, options: { engine?: "sqlite" } = {}) {
  const world = await createWorld(t, options);
  await world.connected("luna");
  await world.connected("sol");
  await setSchedule(world, "luna", { language: "en" });
  return world;
}

/** @param halfHour of the coming Monday, from nine on. */
export async function book(
  world: World,
  halfHour: number,
  args: object,
  { customerId = "luna", headers = {} }: { customerId?: string; headers?: Record<string, string> } = {},
) {
  const sent = { start_iso: mondayAt(halfHour), attendee_name: "Ana Secreta", ...args };
  const request = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "book", arguments: sent } };
  const { body } = await world.rpc(request, { "x-customer-id": customerId, ...headers });
  const { booking_id, event_id } = body.result?.structuredContent ?? {};
  if (booking_id === undefined) throw new Error(JSON.stringify(body));
  return { booking_id, event_id } as { booking_id: string; event_id: string };
}

export const cancel = (world: World, bookingId: string) =>
  world.api("POST", `/v1/customer-calendars/luna/bookings/${bookingId}/cancel`);

export type { Tables } from "./list-tables.ts";

/** mcp-calendar's. */
export const readTables = ({ mcp }: World) => readAllTables(mcp.db);

/** The rows that contain a text, in whichever case. */
export function findText(tables: Tables, text: string): string[] {
  return Object.entries(tables).flatMap(([name, rows]) =>
    rows
      .filter((row) => JSON.stringify(row).toLowerCase().includes(text.toLowerCase()))
      .map((row) => `${name}: ${JSON.stringify(row)}`),
  );
}

/** The databases of both services, and what SQLite puts beside them, that contain one of the texts. */
export const findInFiles = ({ folder }: World, texts: string[]) =>
  readdirSync(folder).filter((file) => {
    const bytes = readFileSync(join(folder, file), "latin1");
    return texts.some((text) => bytes.includes(text));
  });
