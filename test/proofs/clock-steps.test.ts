import { setTimeout as sleep } from "node:timers/promises";
import t, { type Test } from "tap";
import { createWorld, type World } from "../support/world.ts";

const hour = 3_600_000;
const monday = { date_iso: "2027-01-18" };
const slots = (world: World, customer = "luna") => world.call(customer, "get_available_slots", monday);

/** Sets the clocks of this process: the one that libraries read, and the one that is handed in. */
function clockOf(t: Test, world: World) {
  const { now } = Date;
  const begun = world.clock.now;
  t.teardown(() => {
    Date.now = now;
  });
  return {
    set(offMs: number) {
      Date.now = () => now() + offMs;
      world.clock.now = begun + offMs;
    },
  };
}

/** Lets the time pass by which durations are measured. */
function passTime(t: Test, ms: number): void {
  const { now } = performance;
  t.teardown(() => {
    performance.now = now;
  });
  performance.now = () => now.call(performance) + ms;
}

async function msUntil(isSo: () => Promise<boolean>): Promise<number> {
  const begun = performance.now();
  while (!(await isSo())) await sleep(20);
  return performance.now() - begun;
}

const steps: Record<string, number> = {
  "back an hour": -hour,
  "forth an hour": hour,
};

for (const [step, offMs] of Object.entries(steps)) {
  t.test(`a clock set ${step} while breakers are open makes no outage longer or shorter`, async (t) => {
    const openMs = 700;
    const world = await createWorld(t, { upstream: { failuresInARow: 2, repeatAfterMs: 1, openMs } });
    const customers = ["luna", "mar", "rio", "sal", "sol"];
    for (const customer of customers) await world.connected(customer);
    const clock = clockOf(t, world);
    await world.sandbox("POST", "faults", { path: "/calendar/v3", status: 503 });
    for (const customer of ["luna", ...customers]) await slots(world, customer);
    const opened = performance.now();
    clock.set(offMs);
    await world.sandbox("DELETE", "faults");
    if (performance.now() - opened < openMs / 2) {
      t.match(await slots(world), { error: { code: "calendar_unavailable" } });
    }
    const served = async () => (await slots(world)).error === undefined;
    const ms = await msUntil(served);
    t.ok(ms < openMs + 2_000, `served after ${Math.round(ms)} ms`);
  });

  t.test(`a clock set ${step} inside a limit's window leaves the window a minute`, async (t) => {
    const variables = { MCP_CALLS_PER_MINUTE: "2", LINK_PAGES_PER_MINUTE: "2", FAILED_KEYS_PER_MINUTE: "2" };
    const world = await createWorld(t, { variables });
    await world.connect("luna");
    const wrongKey = async () => {
      const response = await fetch(`${world.mcpUrl}/activity`, {
        headers: { authorization: "Bearer wrong" },
      });
      return { status: response.status, wait: Number(response.headers.get("retry-after")) };
    };
    const page = async () => {
      const response = await fetch(`${world.mcpUrl}/connect/nonsense`);
      return { status: response.status, wait: Number(response.headers.get("retry-after")) };
    };
    for (let i = 0; i < 2; i++) {
      await slots(world);
      await page();
      await wrongKey();
    }
    clockOf(t, world).set(offMs);
    const { error } = await slots(world);
    t.equal(error.code, "rate_limited");
    t.ok(error.retry_after_seconds > 0 && error.retry_after_seconds <= 60, `${error.retry_after_seconds} s`);
    for (const refused of [await page(), await wrongKey()]) {
      t.equal(refused.status, 429);
      t.ok(refused.wait > 0 && refused.wait <= 60, `${refused.wait} s`);
    }
    passTime(t, 60_001);
    t.equal((await slots(world)).error.code, "not_connected");
    t.equal((await page()).status, 404);
    t.equal((await wrongKey()).status, 401);
  });

  t.test(`a clock set ${step} during a pause that Google asked for leaves the pause as long`, async (t) => {
    const world = await createWorld(t);
    await world.connected("luna");
    const clock = clockOf(t, world);
    const pause = { path: "/calendar/v3", status: 429, times: 1, headers: { "retry-after": "3" } };
    await world.sandbox("POST", "faults", pause);
    const begun = performance.now();
    t.match(await slots(world), { error: { code: "rate_limited" } });
    clock.set(offMs);
    await msUntil(async () => (await slots(world)).error === undefined);
    const ms = performance.now() - begun;
    t.ok(ms >= 3_000 && ms < 6_000, `${Math.round(ms)} ms`);
  });

  t.test(`a clock set ${step} while an access is renewed elsewhere keeps nobody waiting`, async (t) => {
    const world = await createWorld(t);
    await world.connected("luna");
    world.clock.now += hour;
    const connection = await world.mcp.store.connections.find({ customerId: "luna", provider: "google" });
    if (connection === undefined) throw new Error("luna isn't connected");
    const { acquireRefreshLease } = world.mcp.store.connections;
    // By a process that dies meanwhile.
    t.ok(await acquireRefreshLease(connection, "another process", new Date(world.now() + 8_000)));
    clockOf(t, world).set(offMs);
    const begun = performance.now();
    t.match(await slots(world), { error: undefined });
    t.ok(performance.now() - begun < 8_000);
  });

  t.test(`a clock set ${step} makes no reading older than it may be`, async (t) => {
    const world = await createWorld(t, { cacheSeconds: 1 });
    await world.connected("luna");
    const before = (await slots(world)).answer.slots.length;
    const lunch = { start: "2027-01-18T12:00:00-05:00", end: "2027-01-18T13:00:00-05:00" };
    await world.byHand("luna", "POST", undefined, {
      summary: "By hand",
      start: { dateTime: lunch.start },
      end: { dateTime: lunch.end },
    });
    clockOf(t, world).set(offMs);
    const ms = await msUntil(async () => (await slots(world)).answer.slots.length < before);
    t.ok(ms < 4_000, `seen after ${Math.round(ms)} ms`);
  });
}
