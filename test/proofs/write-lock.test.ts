import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import Sqlite from "better-sqlite3";
import t, { type Test } from "tap";
import { createWorld, readToolResult, type World } from "../support/world.ts";

const at = (time: string) => `2027-01-18T${time}:00-05:00`;
const monday = { date_iso: "2027-01-18" };
const request = (time: string) => ({ start_iso: at(time), attendee_name: "Ana", idempotency_key: time });

/** What a backup tool or a shell does that begins to write and doesn't end it. @returns ends it. */
function lock(t: Test, world: World, database: "calendar" | "admin" = "calendar"): () => void {
  const other = new Sqlite(join(world.folder, `${database}.db`));
  t.teardown(() => other.close());
  other.exec("begin immediate");
  return () => void other.exec("rollback");
}

/** Does something over and over until a time, each to be answered in much less than SQLite's five seconds. */
async function askUntil(t: Test, end: number, questions: Record<string, () => Promise<unknown>>) {
  const delay = monitorEventLoopDelay({ resolution: 2 });
  delay.enable();
  const slowest = { what: "nothing", ms: 0 };
  while (performance.now() < end) {
    for (const [what, ask] of Object.entries(questions)) {
      const begun = performance.now();
      await ask();
      const ms = performance.now() - begun;
      if (ms > slowest.ms) Object.assign(slowest, { what, ms });
    }
    await sleep(10);
  }
  delay.disable();
  t.ok(slowest.ms < 1_000, `the slowest answer, ${slowest.what}, took ${slowest.ms} ms`);
  t.ok(delay.max / 1e6 < 500, `the event loop stood still for ${delay.max / 1e6} ms`);
}

t.test("while another program holds the write lock, everything that reads goes on", async (t) => {
  const world = await createWorld(t, { engine: "sqlite" });
  for (const customer of ["luna", "sol"]) await world.connected(customer);
  const { answer: earlier } = await world.call("luna", "book", request("09:00"));
  const { body: key } = await world.api("POST", "/v1/customer-calendars/luna/agent-keys", { name: "bot" });
  const unlock = lock(t, world);

  const pending = world.call("luna", "book", request("10:00"));
  let settled = false;
  const booked = pending.finally(() => {
    settled = true;
  });
  const ok = async (url: string) => t.equal((await fetch(url)).status, 200, url);
  const withKey = async () => {
    const call = { name: "get_available_slots", arguments: monday };
    const { body } = await world.rpc(
      { jsonrpc: "2.0", id: 1, method: "tools/call", params: call },
      { authorization: `Bearer ${key.key}` },
    );
    return readToolResult(body.result);
  };
  await askUntil(t, performance.now() + 1_500, {
    health: () => ok(`${world.mcpUrl}/health`),
    "slots of a calendar whose state is to be written": async () => {
      world.clock.now += 600_000;
      t.match(await world.call("luna", "get_available_slots", monday), { answer: {} });
    },
    ready: () => ok(`${world.mcpUrl}/ready`),
    slots: async () => t.match(await world.call("luna", "get_available_slots", monday), { answer: {} }),
    "slots of a calendar that was never read": async () =>
      t.match(await world.call("sol", "get_available_slots", monday), { answer: {} }),
    "a key that was never used": async () => t.match(await withKey(), { answer: { slots: Array } }),
    bookings: async () =>
      t.match(await world.call("luna", "list_bookings", {}), {
        answer: { bookings: [{ booking_id: earlier.booking_id }] },
      }),
    customers: async () => t.match(await world.api("GET", "/v1/customer-calendars"), { status: 200 }),
    activity: async () => t.match(await world.api("GET", "/v1/activity"), { status: 200 }),
  });
  t.equal(settled, false, "what has to be written waits");

  unlock();
  t.match(await booked, { answer: { status: "confirmed" } });
});

t.test("a booking that can't be written in time leaves nothing behind", async (t) => {
  const world = await createWorld(t, { engine: "sqlite" });
  await world.connected("luna");
  t.match(await world.call("luna", "book", request("09:00")), { answer: { status: "confirmed" } });
  const unlock = lock(t, world);
  const unlockAdmin = lock(t, world, "admin");
  const customer = { customer_id: "sol", customer_email: "sol@example.com", customer_name: "Sol" };
  const refusals = await Promise.all([
    world.call("luna", "book", request("10:00")),
    world.call("luna", "book", request("11:00")),
    world.api("POST", "/v1/customer-calendars/connect", customer),
  ]);
  unlock();
  unlockAdmin();
  const unavailable = { error: { code: "calendar_unavailable", retryable: true } };
  t.match(refusals, [unavailable, unavailable, { status: 500 }]);
  t.match(world.log.join(""), /calendar\.db has been locked by another program for several seconds/);

  const { events } = await world.sandbox("GET", "events?email=luna@example.com");
  t.equal(events.length, 1);
  const { answer: list } = await world.call("luna", "list_bookings", {});
  t.equal(list.bookings.length, 1);
  for (const time of ["10:00", "11:00"]) {
    t.match(await world.call("luna", "book", request(time)), { answer: { status: "confirmed" } });
  }
  t.match(await world.api("POST", "/v1/customer-calendars/connect", customer), { status: 200 });
});

t.test("a lock in the middle of a booking delays it", async (t) => {
  const world = await createWorld(t, { engine: "sqlite" });
  await world.connected("luna");
  world.providerCalls.after("insert", async () => {
    const unlock = lock(t, world);
    setTimeout(unlock, 700);
  });
  t.match(await world.call("luna", "book", request("09:00")), { answer: { status: "confirmed" } });
});
