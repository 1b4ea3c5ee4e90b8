import { setTimeout as sleep } from "node:timers/promises";
import { createBrowser } from "../test/support/browser.ts";
import { createRandom, type Random } from "../test/support/fuzzing/random.ts";
import { adminKey, serviceKey } from "./servers.ts";

/** A while of everything that happens to the services. */
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
  /** What may not happen, Google failing or not. */
  failures: string[];
};

const visitors = 16;
const dayMs = 86_400_000;

/** Visitors that do one thing after another, and a Google that fails now and then. */
async function soak(job: SoakJob): Promise<SoakResult> {
  const result: SoakResult = { calls: 0, booked: 0, failures: [] };
  const until = Date.now() + job.seconds * 1_000;
  const bookings: Booking[] = [];
  const visit = async (index: number) => {
    const random = createRandom(job.seed, index);
    while (Date.now() < until) await random.pick(errands)({ job, random, bookings, result });
  };
  await Promise.all([
    ...Array.from({ length: visitors }, (_, index) => visit(index)),
    failNowAndThen(job, until),
  ]);
  return result;
}

type Booking = { customerId: string; bookingId: string };
type Scene = { job: SoakJob; random: Random; bookings: Booking[]; result: SoakResult };
type Errand = (scene: Scene) => Promise<void>;

const ask: Errand = async (scene) => {
  await callTool(scene, anyCustomer(scene), "get_available_slots", { date_iso: anyDay(scene), days: 7 });
};

const list: Errand = async (scene) => void (await callTool(scene, anyCustomer(scene), "list_bookings", {}));

const inform: Errand = async (scene) =>
  void (await callTool(scene, anyCustomer(scene), "get_business_info", {}));

const book: Errand = async (scene) => {
  const customerId = anyCustomer(scene);
  const hour = 9 + scene.random.below(8);
  const answer = await callTool(scene, customerId, "book", {
    start_iso: `${anyDay(scene)}T${`${hour}`.padStart(2, "0")}:00:00-05:00`,
    attendee_name: "Ana Pérez",
  });
  const bookingId = /"booking_id":"(\w+)"/.exec(answer)?.[1];
  if (bookingId === undefined) return;
  scene.result.booked++;
  scene.bookings.push({ customerId, bookingId });
};

/** What was booked is moved or cancelled, so that calendars don't fill. */
const change: Errand = async (scene) => {
  const booking = scene.bookings.shift();
  if (booking === undefined) return;
  const { customerId, bookingId: booking_id } = booking;
  const start_iso = `${anyDay(scene)}T10:30:00-05:00`;
  await callTool(scene, customerId, "reschedule_booking", { booking_id, start_iso });
  await callTool(scene, customerId, "cancel_booking", { booking_id });
};

const administer: Errand = async (scene) => {
  const { job, random } = scene;
  const customers = `${job.adminUrl}/v1/customer-calendars`;
  const one = `${customers}/${anyCustomer(scene)}`;
  const paths = [
    customers,
    one,
    `${one}/bookings`,
    `${one}/activity`,
    `${one}/schedule`,
    `${job.adminUrl}/v1/activity`,
  ];
  await request(scene, random.pick(paths), { headers: { authorization: `Bearer ${adminKey}` } });
};

const schedule: Errand = async (scene) => {
  const { job, random } = scene;
  const hours = [{ start: "09:00", end: random.pick(["17:00", "18:00"]) }];
  await request(scene, `${job.adminUrl}/v1/customer-calendars/${anyCustomer(scene)}/schedule`, {
    method: "PUT",
    headers: { authorization: `Bearer ${adminKey}`, "content-type": "application/json" },
    body: JSON.stringify({ weekly_hours: Object.fromEntries(weekdays.map((day) => [day, hours])) }),
  });
};

const weekdays = ["monday", "tuesday", "wednesday", "thursday", "friday"];

/** The whole way of a business, which connects again, refuses, or goes away on Google's page. */
const consent: Errand = async (scene) => {
  const { job, random, result } = scene;
  const customerId = anyCustomer(scene);
  const text = await request(scene, `${job.adminUrl}/v1/customer-calendars/connect`, {
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
  // Two browsers with one link: it may be used by now, or by the time the button is pressed.
  if (page.status !== 200 || ending === "leave") return;
  const googlePage = await browser.submit(page);
  result.calls++;
  if (googlePage.status !== 200) return;
  await browser.submit(googlePage, { action: ending });
  result.calls++;
};

const knockWrongly: Errand = async (scene) => {
  const { job, random } = scene;
  await request(scene, `${job.calendarUrl}/connect/${"x".repeat(43)}`, {});
  await request(scene, `${job.calendarUrl}/oauth/callback?state=x&code=y`, {});
  await request(scene, `${job.calendarUrl}/mcp`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: random.pick(["", "{", "[]", '{"jsonrpc":"2.0","id":1,"method":"tools/list"}']),
  });
};

const watch: Errand = async (scene) => {
  const { calendarUrl, adminUrl } = scene.job;
  await request(scene, `${calendarUrl}/metrics`, { headers: { authorization: `Bearer ${serviceKey}` } });
  for (const url of [calendarUrl, adminUrl]) await request(scene, `${url}/ready`, {});
};

/** As often as each stands here. */
const errands: readonly Errand[] = [
  ...Array(8).fill(ask),
  ...Array(3).fill(book),
  ...Array(3).fill(change),
  ...Array(3).fill(administer),
  list,
  list,
  inform,
  inform,
  schedule,
  consent,
  knockWrongly,
  watch,
];

function anyCustomer({ random, job }: Scene): string {
  return random.pick(job.customerIds);
}

/** Within the next months: weekends too, which are closed. */
function anyDay({ random }: Scene): string {
  return new Date(Date.now() + (2 + random.below(150)) * dayMs).toISOString().slice(0, 10);
}

async function callTool(scene: Scene, customerId: string, name: string, args: object): Promise<string> {
  return request(scene, `${scene.job.calendarUrl}/mcp`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-customer-id": customerId },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { name, arguments: args } }),
  });
}

async function request({ result }: Scene, url: string, init: RequestInit): Promise<string> {
  const response = await fetch(url, { ...init, redirect: "manual" });
  const text = await response.text();
  result.calls++;
  if (response.status >= 500) result.failures.push(`${url}: ${response.status} ${text.slice(0, 300)}`);
  return text;
}

const faults: readonly object[] = [
  { path: "/calendar/v3/", status: 503, times: 5 },
  { path: "/calendar/v3/", status: 401, times: 3 },
  { path: "/calendar/v3/", status: 429, times: 2, headers: { "retry-after": "1" } },
  { path: "/calendar/v3/", drop: true, times: 4 },
  { path: "/calendar/v3/", drop: "answer", times: 2 },
  { path: "/calendar/v3/", latency_ms: 300, times: 20 },
  { path: "/token", status: 500, times: 2 },
  { path: "/token", drop: true, times: 1 },
];

const faultyMs = 1_000;
const calmMs = 4_000;

async function failNowAndThen({ sandboxUrl, seed }: SoakJob, until: number): Promise<void> {
  const random = createRandom(seed, -1);
  const control = async (path: string, method: string, body?: object) => {
    const headers = { "content-type": "application/json" };
    const response = await fetch(`${sandboxUrl}/_sandbox/${path}`, {
      method,
      ...(body && { headers, body: JSON.stringify(body) }),
    });
    await response.text();
  };
  while (Date.now() < until) {
    await control("faults", "POST", random.pick(faults));
    await sleep(faultyMs);
    await control("faults", "DELETE");
    await control("expire-access-tokens", "POST");
    await sleep(calmMs);
  }
}

process.on("message", (job: SoakJob) => {
  soak(job).then(
    (result) => process.send?.(result),
    (error: unknown) =>
      process.send?.({
        calls: 0,
        booked: 0,
        failures: [error instanceof Error ? error.stack : String(error)],
      }),
  );
});
process.on("disconnect", () => process.exit());
