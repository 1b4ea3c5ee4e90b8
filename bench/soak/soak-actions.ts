import { createBrowser } from "../../test/support/browser.ts";
import type { Random } from "../../test/support/fuzzing/random.ts";
import { adminKey, serviceKey } from "../servers.ts";

/** What the virtual users of the soak benchmark do. */

export type SoakJob = {
  calendarUrl: string;
  adminUrl: string;
  sandboxUrl: string;
  customerIds: string[];
  seconds: number;
  seed: number;
};

export type SoakResult = {
  /** Requests that the two services answered. */
  calls: number;
  booked: number;
  /** Answers of 5xx, which must not occur even while Google fails. */
  failures: string[];
};

type Booking = { customerId: string; bookingId: string };

export type Context = {
  readonly job: SoakJob;
  readonly random: Random;
  /** Made and not yet cancelled, by all virtual users. */
  readonly bookings: Booking[];
  readonly result: SoakResult;
};

type Action = (context: Context) => Promise<void>;

const dayMs = 86_400_000;
const weekdays = ["monday", "tuesday", "wednesday", "thursday", "friday"];

const askForSlots: Action = async (context) => {
  await callTool(context, anyCustomer(context), "get_available_slots", {
    date_iso: anyDay(context),
    days: 7,
  });
};

const listBookings: Action = async (context) =>
  void (await callTool(context, anyCustomer(context), "list_bookings", {}));

const askForBusinessInfo: Action = async (context) =>
  void (await callTool(context, anyCustomer(context), "get_business_info", {}));

const book: Action = async (context) => {
  const customerId = anyCustomer(context);
  const hour = 9 + context.random.below(8);
  const answer = await callTool(context, customerId, "book", {
    start_iso: `${anyDay(context)}T${`${hour}`.padStart(2, "0")}:00:00-05:00`,
    attendee_name: "Ana Pérez",
  });
  const bookingId = /"booking_id":"(\w+)"/.exec(answer)?.[1];
  if (bookingId === undefined) return;
  context.result.booked++;
  context.bookings.push({ customerId, bookingId });
};

/** Moves a booking and cancels it, so that the calendars don't fill up. */
const moveAndCancel: Action = async (context) => {
  const booking = context.bookings.shift();
  if (booking === undefined) return;
  const { customerId, bookingId: booking_id } = booking;
  const start_iso = `${anyDay(context)}T10:30:00-05:00`;
  await callTool(context, customerId, "reschedule_booking", { booking_id, start_iso });
  await callTool(context, customerId, "cancel_booking", { booking_id });
};

const readAsAdmin: Action = async (context) => {
  const { job, random } = context;
  const customers = `${job.adminUrl}/v1/customer-calendars`;
  const one = `${customers}/${anyCustomer(context)}`;
  const paths = [
    customers,
    one,
    `${one}/bookings`,
    `${one}/activity`,
    `${one}/schedule`,
    `${job.adminUrl}/v1/activity`,
  ];
  await request(context, random.pick(paths), { headers: { authorization: `Bearer ${adminKey}` } });
};

const saveSchedule: Action = async (context) => {
  const { job, random } = context;
  const hours = [{ start: "09:00", end: random.pick(["17:00", "18:00"]) }];
  await request(context, `${job.adminUrl}/v1/customer-calendars/${anyCustomer(context)}/schedule`, {
    method: "PUT",
    headers: { authorization: `Bearer ${adminKey}`, "content-type": "application/json" },
    body: JSON.stringify({ weekly_hours: Object.fromEntries(weekdays.map((day) => [day, hours])) }),
  });
};

/** A business gets a new link and connects again, denies it, or leaves before the end. */
const consentOrNot: Action = async (context) => {
  const { job, random, result } = context;
  const customerId = anyCustomer(context);
  const text = await request(context, `${job.adminUrl}/v1/customer-calendars/connect`, {
    method: "POST",
    headers: { authorization: `Bearer ${adminKey}`, "content-type": "application/json" },
    body: JSON.stringify({
      customer_id: customerId,
      customer_email: `${customerId}@example.com`,
      customer_name: "Soak",
    }),
  });
  const link = /"shareable_link":"([^"]+)"/.exec(text)?.[1];
  if (link === undefined) return;
  const browser = createBrowser();
  const page = await browser.open(link);
  result.calls++;
  const ending = random.pick(["allow", "deny", "leave"] as const);
  // Another virtual user may have the same link and use it before this one.
  if (page.status !== 200 || ending === "leave") return;
  const googlePage = await browser.submit(page);
  result.calls++;
  if (googlePage.status !== 200) return;
  await browser.submit(googlePage, { action: ending });
  result.calls++;
};

const sendInvalidRequests: Action = async (context) => {
  const { job, random } = context;
  await request(context, `${job.calendarUrl}/connect/${"x".repeat(43)}`, {});
  await request(context, `${job.calendarUrl}/oauth/callback?state=x&code=y`, {});
  await request(context, `${job.calendarUrl}/mcp`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: random.pick(["", "{", "[]", '{"jsonrpc":"2.0","id":1,"method":"tools/list"}']),
  });
};

const readMetrics: Action = async (context) => {
  const { calendarUrl, adminUrl } = context.job;
  await request(context, `${calendarUrl}/metrics`, { headers: { authorization: `Bearer ${serviceKey}` } });
  for (const url of [calendarUrl, adminUrl]) await request(context, `${url}/ready`, {});
};

function anyCustomer({ random, job }: Context): string {
  return random.pick(job.customerIds);
}

/** Within the next five months, including weekends, which are closed. */
function anyDay({ random }: Context): string {
  return new Date(Date.now() + (2 + random.below(150)) * dayMs).toISOString().slice(0, 10);
}

async function callTool(context: Context, customerId: string, name: string, args: object): Promise<string> {
  return request(context, `${context.job.calendarUrl}/mcp`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-customer-id": customerId },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { name, arguments: args } }),
  });
}

async function request({ result }: Context, url: string, init: RequestInit): Promise<string> {
  const response = await fetch(url, { ...init, redirect: "manual" });
  const text = await response.text();
  result.calls++;
  if (response.status >= 500) result.failures.push(`${url}: ${response.status} ${text.slice(0, 300)}`);
  return text;
}

/** Each is chosen as often as it occurs in the list. */
export const actions: readonly Action[] = [
  ...Array(8).fill(askForSlots),
  ...Array(3).fill(book),
  ...Array(3).fill(moveAndCancel),
  ...Array(3).fill(readAsAdmin),
  listBookings,
  listBookings,
  askForBusinessInfo,
  askForBusinessInfo,
  saveSchedule,
  consentOrNot,
  sendInvalidRequests,
  readMetrics,
];
