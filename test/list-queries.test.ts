import t from "tap";
import { engines } from "./support/test-database.ts";
import { createWorld, serviceKey, type World } from "./support/world.ts";

const encode = (text: string) => Buffer.from(text).toString("base64url");

/** Every list of both services, with a customer `luna`. */
const lists = [
  "/v1/customer-calendars",
  "/v1/customer-calendars/luna/bookings",
  "/v1/customer-calendars/luna/activity",
  "/v1/activity",
  "/v1/customer-calendars/luna/agent-keys",
  "/v1/agent-keys",
];
const managementLists = [
  "/customers/luna/bookings",
  "/customers/luna/activity",
  "/activity",
  "/customers/luna/agent-keys",
  "/agent-keys",
  "/internal/events",
];
const isPaged = (path: string) => !path.includes("agent-keys");

async function manage(world: World, path: string) {
  const headers = { authorization: `Bearer ${serviceKey}` };
  const response = await fetch(`${world.managementUrl}${path}`, { headers });
  return { status: response.status, body: await response.json() };
}

t.test("a query that a list doesn't know, or can't read, is named and refused", async (t) => {
  const world = await createWorld(t);
  await world.connect("luna");
  const ask = {
    admin: (path: string) => world.api("GET", path),
    management: (path: string) => manage(world, path),
  };
  for (const [service, paths] of [
    ["admin", lists],
    ["management", managementLists],
  ] as const) {
    for (const path of paths) {
      t.equal((await ask[service](path)).status, 200, path);
      t.match(
        await ask[service](`${path}?colour=red`),
        { status: 400, body: { code: "invalid_request", message: /colour/ } },
        `${path} has no colour`,
      );
      if (!isPaged(path)) continue;
      for (const limit of ["0x10", "1e2", "1.0", "+5", " 5", "", "-1", "0", "1001", "5&limit=6", "ten"])
        t.match(
          await ask[service](`${path}?limit=${limit}`),
          { status: 400, body: { code: "invalid_request", message: /limit.*whole number from 1 to/ } },
          `${path} with a limit ${limit}`,
        );
      const [name] = path.endsWith("events") ? ["after"] : ["cursor"];
      for (const cursor of ["MQ==", "%21", "bHVuYQ=", encode("lu na"), encode("\0"), encode("..")])
        t.match(
          await ask[service](`${path}?${name}=${cursor}`),
          { status: 400, body: { code: "invalid_cursor", message: /next_cursor|cursor/ } },
          `${path} from ${cursor}`,
        );
    }
  }
  t.match(await world.api("GET", "/v1/customer-calendars?cursor="), { status: 400 });
  t.match(await world.api("DELETE", "/v1/agent-keys/0x1"), { status: 400, body: { message: /key_id/ } });
});

t.test("a NUL is refused wherever a text is taken, on every database", async (t) => {
  for (const engine of engines) {
    const world = await createWorld(t, { engine });
    await world.connected("luna");
    const at = (path: string) => `/v1/customer-calendars/${path}`;
    for (const [method, path, body] of [
      ["GET", at("?q=lu%00na").replace("/?", "?")],
      ["GET", at("?cursor=%00").replace("/?", "?")],
      ["GET", at("luna%00")],
      ["GET", at("luna/bookings?cursor=a%00")],
      ["GET", at("luna/activity?cursor=%00a")],
      ["GET", "/v1/activity?cursor=%00"],
      ["POST", at("luna/bookings/a%00b/cancel")],
      ["POST", at("luna/bookings/%00/reschedule"), { start_iso: "2027-01-18T10:00:00" }],
      ["POST", at("luna/bookings/abc/reschedule"), { start_iso: "2027-01-18T10:00:00\0" }],
      ["POST", at("luna/agent-keys"), { name: "a\0b" }],
      ["POST", at("connect"), { customer_id: "a\0", customer_email: "a@example.com", customer_name: "A" }],
      ["POST", at("luna/attendees/export"), { ref: "a\0b" }],
      ["POST", at("luna/attendees/erase"), { phone: "+57\x180 123 4567" }],
      ["DELETE", "/v1/customers/%00"],
    ] as const) {
      const { status, body: answer } = await world.api(method, path, body);
      t.ok(status === 400 || status === 404, `${engine}: ${method} ${path} is ${status}`);
      t.match(answer, { code: /^[a-z_]+$/, message: /\w{3,} \w{2,}/ });
    }
    for (const [tool, args] of [
      ["cancel_booking", { booking_id: "a\0b" }],
      ["reschedule_booking", { booking_id: "\0", start_iso: "2027-01-18T10:00:00" }],
      ["book", { start_iso: "2027-01-18T10:00:00", attendee_name: "Ana", attendee_email: "a\0@b.example" }],
      ["book", { start_iso: "2027-01-18T10:00:00", attendee_name: "Ana", service: "cut\0" }],
      ["get_available_slots", { date_iso: "2027-01-18", service: "\0cut" }],
      ["list_bookings", { attendee_email: "a\0@b.example" }],
    ] as const) {
      const { error } = await world.call("luna", tool, args);
      t.match(error?.code, /^(?:invalid_arguments|unknown_service)$/, `${engine}: ${tool}`);
    }
    const named = {
      start_iso: "2027-01-18T10:00:00",
      attendee_name: "Ana\0 P.",
      notes: "first\0visit",
      idempotency_key: "a\0b",
    };
    t.match(
      await world.call("luna", "book", named),
      { answer: { status: "confirmed" } },
      "free text is cleaned",
    );
    const page = await fetch(`${world.mcpUrl}/connect/a%00b`);
    t.match(page.status, 404);
  }
});
