import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { type DemoBooking, type DemoBusiness, demoBusinesses } from "./businesses.ts";
import { createDemoClient, type DemoAddresses, type DemoClient } from "./demo-client.ts";

type Customers = { readonly customers: readonly { readonly customer_id: string }[] };
type Connect = { readonly shareable_link: string; readonly calendar_connected: boolean };

/** Present once the demo was made, so that what somebody has removed stays removed. */
export const demoDoneFile = "data/sandbox/demo-is-made";
/** Of a calendar that is written in advance. */
const days = 14;

/**
 * Makes the demo where nobody has added a customer yet: customers with their hours, connected at the sandbox, with busy
 * times and bookings made by the real tools. One that was interrupted is finished at the next start.
 */
export async function fillDemo(addresses: DemoAddresses): Promise<void> {
  if (existsSync(demoDoneFile)) return;
  const client = createDemoClient(addresses);
  const { customers } = await client.api<Customers>("GET", "/v1/customer-calendars?limit=200");
  const demo = new Map(demoBusinesses.map((business) => [business.id, business]));
  const isOurs = customers.every(({ customer_id }) => demo.has(customer_id));
  if (isOurs) await Promise.all(demoBusinesses.map((business) => fillBusiness(client, business)));
  await writeFile(demoDoneFile, "");
}

/** Every step may have been done before. */
async function fillBusiness(client: DemoClient, business: DemoBusiness): Promise<void> {
  const { id, name, email, phone, schedule, bookings } = business;
  const path = `/v1/customer-calendars/${id}`;
  const { shareable_link, calendar_connected } = await client.api<Connect>(
    "POST",
    "/v1/customer-calendars/connect",
    {
      ...{ customer_id: id, customer_name: name, customer_email: email, customer_phone: phone },
    },
  );
  await client.api("PUT", `${path}/schedule`, schedule);
  if (!calendar_connected) {
    await client.control("accounts", { email, time_zone: "America/Bogota", events: busyTimes(business) });
    await client.consent(shareable_link, business);
  }
  const { key } = await client.api<{ key: string }>("POST", `${path}/agent-keys`, {
    ...{ name: "WhatsApp", audience: "attendee" },
  });
  for (const booking of bookings) await book(client, { key, id }, booking);
  if (business.isLost) await loseConsent(client, { key, email });
}

function busyTimes({ busy }: DemoBusiness) {
  return busy.flatMap(({ everyDays, from, to }) =>
    Array.from({ length: Math.ceil(days / everyDays) }, (_, i) => dateAfter(i * everyDays + 1))
      .filter((date) => new Date(date).getUTCDay() !== 0)
      .map((date) => ({ summary: "Ocupado", start: `${date}T${from}:00`, end: `${date}T${to}:00` })),
  );
}

function dateAfter(count: number): string {
  return new Date(Date.now() + count * 86_400_000).toISOString().slice(0, 10);
}

type Agent = { readonly key: string; readonly id: string };

async function book(client: DemoClient, { key, id }: Agent, booking: DemoBooking): Promise<void> {
  const { service, name, phone, at } = booking;
  const call = (tool: string, args: object) => client.callTool(key, phone, tool, args);
  const { slots = [] } = await call("get_available_slots", { date_iso: dateAfter(0), days, service });
  const start = slots[Math.floor(at * slots.length)]?.start;
  if (start === undefined) return;
  const { booking_id } = await call("book", {
    ...{ start_iso: start, service, attendee_name: name, idempotency_key: `demo-${id}-${phone}` },
  });
  if (booking_id === undefined) return;
  if (booking.later === "cancel") await call("cancel_booking", { booking_id });
  if (booking.later === "move") {
    const last = slots.at(-1)?.start;
    if (last !== undefined) await call("reschedule_booking", { booking_id, start_iso: last });
  }
}

/** The business takes the permission back at Google, and the next who asks learns of it. */
async function loseConsent(client: DemoClient, { key, email }: { key: string; email: string }) {
  await client.control("revoke", { email });
  await client.callTool(key, "+573005551999", "get_available_slots", { date_iso: dateAfter(1) });
}
