import { setTimeout as sleep } from "node:timers/promises";
import { createBrowser } from "../browser.ts";
import { adminKey, serviceKey, type World } from "../world.ts";
import { workAsPeople } from "./people-calls.ts";

const at = (time: string) => `2027-01-18T${time}:00-05:00`;
const ana = { attendee_name: "Ana", attendee_phone: "+573001234567" };

/** Asks the services for everything that they are there for, of luna and of a business that comes to it. */
export async function makeAllCalls(world: World): Promise<void> {
  // First, so that an admin is told of a lost connection.
  await workAsPeople(world);
  await callTools(world);
  await callToolsForAttendees(world);
  await consentAnew(world);
  await readAsAdmin(world);
  await readFeed(world);
  await runBackground(world);
  await removeData(world);
}

async function callTools(world: World): Promise<void> {
  const luna = (tool: string, args: object) => world.call("luna", tool, args);
  await luna("get_business_info", {});
  await luna("get_available_slots", { date_iso: "2027-01-18", days: 3 });
  const booked = await luna("book", { start_iso: at("09:00"), ...ana, attendee_email: "ana@example.com" });
  const keyed = { start_iso: at("10:00"), ...ana, idempotency_key: "once" };
  for (let i = 0; i < 2; i++) await luna("book", keyed);
  await luna("book", { start_iso: at("09:00"), attendee_name: "Eva", attendee_phone: "+573007654321" });
  await luna("list_bookings", {});
  await luna("list_bookings", { attendee_phone: ana.attendee_phone, from: "2027-01-17", to: "2027-01-19" });
  await luna("list_bookings", { attendee_email: "ana@example.com" });
  const { booking_id } = booked.answer;
  await luna("reschedule_booking", { booking_id, start_iso: at("11:00") });
  await luna("cancel_booking", { booking_id });
  await luna("cancel_booking", { booking_id: "none" });
}

/** With agent keys, and for one person: other queries find what such a call may see. */
async function callToolsForAttendees(world: World): Promise<void> {
  const schedule = { minimum_notice_minutes: 0, max_bookings_per_day: 20, max_bookings_per_week: 50 };
  await world.api("PUT", "/v1/customer-calendars/luna/schedule", {
    ...schedule,
    max_open_bookings_per_attendee: 5,
  });
  const path = "/v1/customer-calendars/luna/agent-keys";
  const { body: key } = await world.api("POST", path, { name: "bot", audience: "attendee" });
  for (const person of [{ "x-attendee-phone": "+573001112233" }, { "x-attendee-ref": "person" }]) {
    const headers = { authorization: `Bearer ${key.key}`, ...person };
    const call = async (name: string, args: object) => {
      const request = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name, arguments: args } };
      const { body } = await world.rpc(request, headers);
      return body.result.structuredContent;
    };
    const booked = await call("book", { start_iso: at("14:00"), attendee_name: "Bea" });
    await call("list_bookings", {});
    await call("reschedule_booking", { booking_id: booked.booking_id, start_iso: at("15:00") });
    await call("cancel_booking", { booking_id: booked.booking_id });
  }
  await world.rpc({ jsonrpc: "2.0", id: 1, method: "resources/list" }, { "x-customer-id": "luna" });
  await world.api("GET", path);
  await world.api("DELETE", `${path}/${key.key_id}`);
}

/** A business that opens its link, refuses, comes again and allows; and one that gives its calendar up. */
async function consentAnew(world: World): Promise<void> {
  const { body } = await world.connect("mar");
  await world.consent(body.shareable_link, { action: "deny" });
  await createBrowser().open(body.shareable_link);
  await world.connect("mar", { renew: true });
  await world.connected("mar");
  await world.sandbox("POST", "revoke", { email: "mar@example.com" });
  await world.call("mar", "get_available_slots", { date_iso: "2027-01-18" });
  await world.connected("mar");
  await world.api("DELETE", "/v1/customer-calendars/mar");
}

async function readAsAdmin(world: World): Promise<void> {
  const list = (query: string) => world.api("GET", `/v1/customer-calendars?${query}`);
  const first = await list("limit=10");
  await list(`limit=10&cursor=${encodeURIComponent(first.body.next_cursor ?? "")}`);
  for (const query of ["status=connected", "status=reconnect_required", "status=pending"])
    await list(`limit=10&${query}`);
  for (const query of ["calendar_state=ok", "calendar_state=unreadable&status=connected", "q=luna"])
    await list(`limit=5&${query}`);
  const luna = "/v1/customer-calendars/luna";
  await world.api("GET", luna);
  await world.api("GET", `${luna}/schedule`);
  for (const query of ["", "?status=confirmed", "?from=2027-01-18&limit=1"]) {
    await world.api("GET", `${luna}/bookings${query}`);
  }
  const { answer } = await world.call("luna", "book", { start_iso: at("16:00"), ...ana });
  await world.api("POST", `${luna}/bookings/${answer.booking_id}/reschedule`, { start_iso: at("17:00") });
  await world.api("POST", `${luna}/bookings/${answer.booking_id}/cancel`);
  await world.api("GET", `${luna}/activity?limit=5`);
  await world.api("GET", "/v1/activity?limit=5");
  for (const url of [world.mcpUrl, world.adminUrl]) await fetch(`${url}/ready`);
}

async function readFeed(world: World): Promise<void> {
  const read = async (after: string) => {
    const url = `${world.mcpUrl}/internal/events?after=${encodeURIComponent(after)}&limit=5`;
    const response = await fetch(url, { headers: { authorization: `Bearer ${serviceKey}` } });
    return (await response.json()) as { cursor: string };
  };
  const { cursor } = await read("");
  await read(cursor);
}

/** What runs by itself: the world's timings let each round begin at once. */
async function runBackground(world: World): Promise<void> {
  await world.mcp.store.connections.takeDueForRenewal("google", 50);
  await sleep(300);
}

async function removeData(world: World): Promise<void> {
  const attendee = { phone: ana.attendee_phone, email: "ana@example.com", ref: "person" };
  for (const action of ["export", "erase"]) {
    await world.api("POST", `/v1/customer-calendars/luna/attendees/${action}`, attendee);
  }
  await world.api("DELETE", "/v1/customers/mar", undefined, adminKey);
}
