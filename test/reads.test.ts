import { setTimeout as sleep } from "node:timers/promises";
import { openDatabase } from "@cita/database";
import t from "tap";
import { readAllTables } from "./support/list-tables.ts";
import { addPerson, send } from "./support/people.ts";
import { adminKey, createWorld, serviceKey, type World } from "./support/world.ts";

const day = 86_400_000;
const bookedTime = "2027-01-18T15:00:00-05:00";

/** Every row of both services. `instances` is left out: each process beats there by itself. */
async function readRows(world: World): Promise<object> {
  const other = openDatabase(world.databases.admin);
  try {
    return { mcp: await readAllTables(world.mcp.db), admin: await readAllTables(other) };
  } finally {
    await other.destroy();
  }
}

/** Every path that the admin can GET, about these. */
async function readablePaths(world: World, ids: Readonly<Record<string, string>>): Promise<string[]> {
  const document = JSON.parse(await (await fetch(`${world.adminUrl}/docs/json`)).text());
  return Object.entries<object>(document.paths)
    .filter(([, methods]) => "get" in methods)
    .map(([path]) => path.replaceAll(/\{(\w+)\}/g, (_, name: string) => ids[name] ?? ""));
}

async function manage(world: World, method: string, path: string, body?: object): Promise<number> {
  const response = await fetch(`${world.managementUrl}${path}`, {
    method,
    headers: { authorization: `Bearer ${serviceKey}`, "content-type": "application/json" },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  await response.body?.cancel();
  return response.status;
}

t.test("what only reads leaves every row of both services as it is", async (t) => {
  const world = await createWorld(t);
  await world.connect("mar");
  const booked: Awaited<ReturnType<World["call"]>>[] = [];
  for (const customer of ["luna", "sol"]) {
    await world.connected(customer);
    booked.push(await world.call(customer, "book", { start_iso: bookedTime, attendee_name: "Ana" }));
    await world.sandbox("POST", "revoke", { email: `${customer}@example.com` });
    await world.call(customer, "get_available_slots", { date_iso: "2027-01-18" });
  }
  world.clock.now += 8 * day;
  await world.connect("sol");
  const person = await addPerson(world, { email: "ana@example.com", role: "admin" });
  const rows = await readRows(world);

  const booking_id = String(booked[0]?.answer.booking_id);
  const paths = await readablePaths(world, { customer_id: "luna", user_id: person.user.id, booking_id });
  t.ok(paths.includes("/v1/customer-calendars") && paths.includes("/v1/customer-calendars/luna"));
  for (const path of paths) {
    // Only a person has an account, and a calendar that isn't connected has no agenda.
    const bearer = path.startsWith("/api/auth/") ? person.accessToken : adminKey;
    const status = path.endsWith("/agenda") ? 409 : 200;
    t.equal((await send(world.adminUrl, "GET", path, { bearer })).status, status, path);
  }
  for (const path of ["connection", "schedule", "bookings", "activity", "agent-keys"])
    t.equal(await manage(world, "GET", `/customers/luna/${path}`), 200, path);
  const customer_ids = ["luna", "sol", "mar", "nobody"];
  t.equal(await manage(world, "POST", "/connections/query", { customer_ids }), 200);
  t.equal(await manage(world, "POST", "/customers/luna/attendees/export", { ref: "anybody" }), 200);
  t.strictSame(await readRows(world), rows);
});

async function countRequests(world: World): Promise<number> {
  const text = await (await fetch(`${world.managementUrl}/metrics`)).text();
  // Reading the events, which is always under way, isn't counted.
  const counts = text.matchAll(
    /^cita_http_requests_total\{(?!.*route="\/(?:metrics|internal\/events)").*\} (\d+)$/gm,
  );
  return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
}

t.test("an admin's connect is one request to the calendar service", async (t) => {
  const world = await createWorld(t, { followsEvents: true });
  const untilStored = async (status: string) => {
    const list = () => world.api("GET", `/v1/customer-calendars?status=${status}`);
    while ((await list()).body.customers.length === 0) await sleep(10);
  };
  const counted = async (ask: () => ReturnType<World["connect"]>) => {
    const before = await countRequests(world);
    const { body } = await ask();
    return { body, requests: (await countRequests(world)) - before };
  };
  // Until then the states are being read anew, by requests that aren't this test's.
  await world.connect("sol");
  await untilStored("pending");
  const first = await counted(() => world.connect("luna"));
  t.match(first, { requests: 1, body: { calendar_connected: false } });
  t.match(await counted(() => world.connect("luna")), { requests: 1, body: first.body });
  t.equal((await world.consent(first.body.shareable_link)).status, 200);
  await untilStored("connected");
  t.match(await counted(() => world.connect("luna")), { requests: 1, body: { calendar_connected: true } });
  await world.sandbox("POST", "revoke", { email: "luna@example.com" });
  await world.call("luna", "get_available_slots", { date_iso: "2027-01-18" });
  await untilStored("reconnect_required");
  t.match(await counted(() => world.connect("luna")), { requests: 1, body: { calendar_connected: false } });
});
