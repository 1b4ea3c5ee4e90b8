import { setTimeout as sleep } from "node:timers/promises";
import { defaultSchedule } from "@cita/calendar-api";
import t, { type Test } from "tap";
import { makeKey, mondayAt } from "../support/attendee-calls.ts";
import { readAllTables } from "../support/list-tables.ts";
import { createWorld, type World } from "../support/world.ts";

const remove = (world: World, customerId: string) => world.api("DELETE", `/v1/customers/${customerId}`);
const details = (world: World, customerId: string) =>
  world.api("GET", `/v1/customer-calendars/${customerId}`);

/** The tables of mcp-calendar that have a row of the customer. */
async function tablesWith(world: World, customerId: string): Promise<string[]> {
  const tables = await readAllTables(world.mcp.db);
  return Object.entries(tables).flatMap(([name, rows]) =>
    JSON.stringify(rows).includes(`"${customerId}"`) ? [name] : [],
  );
}

/** Has the next link be issued only after `first`. */
function before(world: World, first: () => Promise<unknown>): void {
  const { consentLinks } = world.mcp.store;
  const { issue } = consentLinks;
  Object.assign(consentLinks, {
    async issue(...given: Parameters<typeof issue>) {
      Object.assign(consentLinks, { issue });
      await first();
      return issue(...given);
    },
  });
}

t.test("a link that is asked for while its customer is removed isn't made", async (t) => {
  const world = await createWorld(t);
  for (const begin of [world.connect, world.connected]) {
    await begin("luna");
    before(world, async () => t.equal((await remove(world, "luna")).status, 200));
    t.match(await world.connect("luna"), {
      status: 409,
      body: { code: "customer_removed", message: /while the request was under way/ },
    });
    t.equal((await details(world, "luna")).status, 404);
    t.strictSame(await tablesWith(world, "luna"), []);
  }
  t.equal((await world.connect("luna")).status, 200, "one that is added again is another one");
  t.match(await details(world, "luna"), { body: { status: "pending", link: { state: "live" } } });
});

t.test("whatever is sent while a customer is removed, nothing of it is left", async (t) => {
  const world = await createWorld(t);
  for (let round = 0; round < 12; round++) {
    const id = `terra-${round}`;
    await (round % 3 === 0 ? world.connected(id) : world.connect(id));
    const after = async (ms: number, act: () => Promise<unknown>) => {
      await sleep(ms);
      await act();
    };
    await Promise.all([
      after(round % 4, () => remove(world, id)),
      ...[0, 2, 4, 6, 9].flatMap((ms) => [
        after(ms, () => world.api("PUT", `/v1/customer-calendars/${id}/schedule`, defaultSchedule)),
        after(ms, () => world.api("POST", `/v1/customer-calendars/${id}/agent-keys`, { name: "bot" })),
        after(ms, () => world.connect(id)),
      ]),
    ]);
    const known = (await details(world, id)).status === 200;
    t.equal(
      (await tablesWith(world, id)).includes("consent_links"),
      known,
      `${id}: both know it, or neither`,
    );
    await remove(world, id);
    t.strictSame(await tablesWith(world, id), [], id);
  }
});

t.test("what a removal leaves undone is done later, and the customer isn't added meanwhile", async (t) => {
  const world = await openRepeating(t);
  await world.connected("luna");
  await makeKey(world, "luna");
  await world.stopMcpCalendar();
  t.match(await remove(world, "luna"), { status: 502, body: { code: "calendar_service_unavailable" } });
  t.match(await world.connect("luna"), {
    status: 409,
    body: { code: "customer_leaving", message: /being removed/ },
  });
  await world.restart();
  await untilGone(world, "luna");
  t.strictSame(await tablesWith(world, "luna"), []);
  t.equal((await remove(world, "luna")).status, 404);
  await world.connected("luna");
});

t.test("a removal that waits for a booking is done once that is written", async (t) => {
  const world = await openRepeating(t);
  await world.connected("luna");
  const insert = { method: "POST", path: "/calendar/v3/calendars/primary/events" };
  await world.sandbox("POST", "faults", { ...insert, latency_ms: 300, times: 1 });
  const booking = world.call("luna", "book", {
    ...{ start_iso: mondayAt(0), attendee_name: "Ana", attendee_phone: "+573001234567" },
  });
  let status = 0;
  while (status !== 409) {
    await sleep(5);
    const { bookings = [] } = await readAllTables(world.mcp.db);
    if (bookings.length > 0) ({ status } = await remove(world, "luna"));
  }
  t.match(await booking, { answer: { status: "confirmed" } });
  await untilGone(world, "luna");
  t.strictSame(await tablesWith(world, "luna"), []);
});

const openRepeating = (t: Test) => createWorld(t, { repeatRemovalsAfterMs: 20 });

async function untilGone(world: World, customerId: string): Promise<void> {
  while ((await details(world, customerId)).status !== 404) await sleep(10);
}
