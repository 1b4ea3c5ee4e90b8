import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "kysely";
import t, { type Test } from "tap";
import { testedProvider, testOtherProviders } from "./support/calendar-providers.ts";
import type { ProviderCalls } from "./support/provider-calls.ts";
import {
  book,
  changeAccount,
  connectAccount,
  customerPath,
  listBookings,
  monday,
  newAccount,
  openLuna,
  readEvents,
} from "./support/stranded-bookings.ts";
import type { World } from "./support/world.ts";

const provider = testedProvider(import.meta.url);
const formerAccount = "luna@example.com";
const request = { start_iso: monday("10:00"), attendee_name: "Ana Ruiz", idempotency_key: "one" };
const refusal = { code: "calendar_unavailable", retryable: true, next_step: /Repeat the same call/ };
const message = /acaba de conectar otro calendario/;

/** When the business connects another account, while its agent books. */
const moments: Record<string, (calls: ProviderCalls, act: () => Promise<unknown>) => void> = {
  "after the first reading": (calls, act) => calls.after("list", act),
  "when the insert has arrived": (calls, act) => calls.before("insert", act),
  "before the insert is answered": (calls, act) => calls.after("insert", act),
  "before the insert's answer is lost": (calls, act) => calls.after("insert", act, { lost: true }),
  "after an insert that never arrived": (calls, act) => calls.before("insert", act, { lost: true }),
  "before the second reading": (calls, act) => calls.before("list", act, { nth: 2 }),
  "after the second reading": (calls, act) => calls.after("list", act, { nth: 2 }),
};

async function countUnsettled(world: World): Promise<number> {
  const { rows } = await sql`select id from bookings where status in ('held', 'abandoned')`.execute(
    world.mcp.db,
  );
  return rows.length;
}

/** Nothing is booked, and what was written is gone. */
async function expectNothing(t: Test, world: World): Promise<void> {
  t.equal((await readEvents(world, formerAccount)).size, 0, "the former calendar");
  t.equal((await readEvents(world, newAccount)).size, 0, "the new calendar");
  t.strictSame(await listBookings(world), []);
  t.equal(await countUnsettled(world), 0);
}

for (const [moment, arrange] of Object.entries(moments)) {
  t.test(`another account is connected ${moment}: nothing is booked, and trying again books`, async (t) => {
    const world = await openLuna(t, provider);
    arrange(world.providerCalls, () => connectAccount(world, newAccount));
    t.match((await world.call("luna", "book", request)).error, { ...refusal, message });
    await expectNothing(t, world);

    t.match(await world.call("luna", "book", request), { answer: { status: "confirmed" } });
    t.equal((await readEvents(world, formerAccount)).size, 0);
    t.match([...(await readEvents(world, newAccount)).values()], ["2027-01-18T15:00:00.000Z"]);
    t.match(await listBookings(world), [{ stranded: false }]);
  });
}

t.test("what the new account has at that time isn't mistaken for a lost race", async (t) => {
  const world = await openLuna(t, provider);
  const owner = await world.signInOwner(newAccount);
  await owner.insert({ start: monday("10:00"), end: monday("10:30") });
  world.providerCalls.after("insert", () => connectAccount(world, newAccount));
  t.match((await world.call("luna", "book", request)).error, { ...refusal, message });
  t.equal((await readEvents(world, formerAccount)).size, 0);
  t.match((await world.call("luna", "book", request)).error, { code: "slot_taken" });
});

t.test(
  "a stranded booking that is being written anew stays stranded when the account changes again",
  async (t) => {
    const world = await openLuna(t, provider);
    const { booking_id } = await book(world, monday("09:00"));
    await changeAccount(world);
    const third = "tercera@example.com";
    await world.sandbox("POST", "accounts", { email: third, time_zone: "America/Bogota" });
    world.providerCalls.after("insert", () => connectAccount(world, third));
    const move = { booking_id, start_iso: monday("11:00") };
    t.match((await world.call("luna", "reschedule_booking", move)).error, { ...refusal, message });
    t.equal((await readEvents(world, newAccount)).size, 0);
    t.match(await listBookings(world), [{ booking_id, start: monday("09:00"), stranded: true }]);
    t.match(await world.call("luna", "reschedule_booking", move), { answer: { start: monday("11:00") } });
    t.equal((await readEvents(world, third)).size, 1);
  },
);

t.test("an event that a revoked access can't remove goes once its account is connected again", async (t) => {
  const world = await openLuna(t, provider);
  world.providerCalls.after("insert", async () => {
    await world.sandbox("POST", "revoke", { email: formerAccount });
    await connectAccount(world, newAccount);
  });
  t.match((await world.call("luna", "book", request)).error, { ...refusal, message });
  t.equal((await readEvents(world, formerAccount)).size, 1, "it is out of reach");
  t.equal(await countUnsettled(world), 0);
  t.match(
    await world.api("GET", customerPath),
    { body: { status: "connected" } },
    "and harms the new one not",
  );

  world.clock.now += 120_000;
  await connectAccount(world, formerAccount);
  await world.call("luna", "get_available_slots", { date_iso: "2027-01-18" });
  for (let i = 0; i < 100 && (await readEvents(world, formerAccount)).size > 0; i++) await sleep(20);
  t.equal((await readEvents(world, formerAccount)).size, 0);
});

testOtherProviders(import.meta.url);
