import type { Test } from "tap";
import type { TestedProvider } from "./tested-provider.ts";
import { createWorld, type World } from "./world.ts";

/** Luna's place in admin-api. */
export const customerPath = "/v1/customer-calendars/luna";
/** The account that takes the place of luna@example.com. */
export const newAccount = "nueva@example.com";
export const days = ["2027-01-18", "2027-01-19", "2027-01-20"];
export const at = (day: string, time: string) => `${day}T${time}:00-05:00`;
export const monday = (time: string) => at("2027-01-18", time);

/** A booking as the admin sees it. */
type AdminBooking = { booking_id: string; start: string; event_id: string; stranded: boolean };

/** Books at Luna as an agent does. */
export async function book(world: World, start_iso: string, args: object = {}) {
  const request = { start_iso, attendee_name: "Ana Ruiz", ...args };
  const { answer, error } = await world.call("luna", "book", request);
  if (error !== undefined) throw new Error(JSON.stringify(error));
  return answer;
}

/** Luna's bookings as the admin sees them. */
export async function listBookings(world: World, query = ""): Promise<AdminBooking[]> {
  const { body } = await world.api("GET", `${customerPath}/bookings?limit=200&${query}`);
  return body.bookings;
}

export const listStranded = (world: World) => listBookings(world, "status=stranded");

/** Luna as the admin sees it. */
export async function readCustomer(world: World) {
  return (await world.api("GET", customerPath)).body;
}

/** The starts of the events in an account's calendar, by the event's id. */
export async function readEvents(world: World, account: string): Promise<Map<string, string>> {
  const events = await world.readEvents(account);
  return new Map(events.map(({ id, start }) => [id, new Date(start).toISOString()]));
}

/** The business consents with this account. */
export async function connectAccount(world: World, account: string): Promise<void> {
  const { body } = await world.connect("luna", { any_account: true, renew: true });
  const page = await world.consent(body.shareable_link, { account });
  if (page.status !== 200) throw new Error(page.text);
}

export async function disconnect(world: World): Promise<void> {
  const { status } = await world.api("DELETE", customerPath);
  if (status !== 200) throw new Error("not disconnected");
}

/** The new account takes the place of Luna's first one. */
export async function changeAccount(world: World): Promise<void> {
  await disconnect(world);
  await connectAccount(world, newAccount);
  world.providerCalls.take();
}

/** A world where Luna is connected, and has a second account. */
export async function openLuna(t: Test, provider?: TestedProvider): Promise<World> {
  const world = await createWorld(t, { provider });
  await world.connected("luna");
  await world.sandbox("POST", "accounts", { email: newAccount, time_zone: "America/Bogota" });
  return world;
}

/** The admin cancels or reschedules. */
export const changeBooking = (world: World, bookingId: string, action: string, body?: object) =>
  world.api("POST", `${customerPath}/bookings/${bookingId}/${action}`, body);

/** What the admin reads of one kind of activity, newest first. */
export async function readActivity(world: World, kind: string) {
  const { body } = await world.api("GET", `${customerPath}/activity?limit=200`);
  return body.activity
    .filter((one: { kind: string }) => one.kind === kind)
    .map(({ detail }: { detail: object }) => detail);
}
