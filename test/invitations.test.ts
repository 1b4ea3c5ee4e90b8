import { setTimeout as sleep } from "node:timers/promises";
import t, { type Test } from "tap";
import { defaultTiming } from "../apps/mcp-calendar/src/bookings/sweeper.ts";
import { testedProvider, testOtherProviders } from "./support/calendar-providers.ts";
import { openCustomer } from "./support/customer.ts";
import { changeAccount, monday, newAccount } from "./support/stranded-bookings.ts";
import { createWorld, type World } from "./support/world.ts";

const provider = testedProvider(import.meta.url);

const ana = { attendee_name: "Ana Ruiz", attendee_email: "ana@example.com" };

/** What fails is tried again at once: the clock of a test stands still. */
const timing = { ...defaultTiming, sweepIntervalMs: 20, settleAgainMs: 0 };

async function open(t: Test, upstream: { perCustomer?: number } = {}) {
  const world = await createWorld(t, { provider, timing, upstream });
  const customer = await openCustomer(world, "luna");
  await world.api("PUT", "/v1/customer-calendars/luna/schedule", { invite_attendees: true });
  world.providerCalls.take();
  return {
    world,
    customer,
    book: (time: string, args: object = {}) =>
      customer.call("book", { start_iso: monday(time), ...ana, ...args }),
  };
}

type Mail = { to: string; event_id: string; about: string };

async function mailsOf(world: World, account = "luna@example.com"): Promise<Mail[]> {
  return (await world.sandbox("GET", `mails?email=${account}`)).mails;
}

async function invitationsOf(world: World): Promise<(string | null)[]> {
  const { body } = await world.api("GET", "/v1/customer-calendars/luna/bookings?status=all");
  return body.bookings.map(({ invitation }: { invitation: string | null }) => invitation);
}

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 10_000; !(await isTrue()); await sleep(20)) {
    if (Date.now() > deadline) throw new Error("it didn't become true");
  }
}

t.test("an attendee is invited once the booking is confirmed, and mailed once", async (t) => {
  const { world, book } = await open(t);
  const { answer } = await book("10:00");
  t.strictSame(world.providerCalls.take(), ["list", "insert", "list", "get", "patch"]);
  t.strictSame(await mailsOf(world), [
    { to: "ana@example.com", event_id: answer.event_id, about: "invitation" },
  ]);
  t.equal(answer.note, undefined);
  t.strictSame(await invitationsOf(world), ["sent"]);
});

t.test("a booking without an invitation costs no request more than before", async (t) => {
  const { world, book } = await open(t);
  await book("10:00", { attendee_email: undefined });
  t.strictSame(world.providerCalls.take(), ["list", "insert", "list"]);
  t.strictSame(await mailsOf(world), []);
});

t.test("what an invitation asks of the provider is set aside before anything is held", async (t) => {
  // Two readings of one request each, the insert, a fetch, an undoing in three requests, and two for the invitation.
  for (const [perCustomer, args, code] of [
    [9, {}, undefined],
    [8, {}, "rate_limited"],
    [7, { attendee_email: undefined }, undefined],
    [6, { attendee_email: undefined }, "rate_limited"],
  ] as const) {
    const requests = perCustomer + 2 * (provider.requestsPerReading - 1);
    const { world, book } = await open(t, { perCustomer: requests });
    const { answer, error } = await book("10:00", args);
    t.equal(error?.code, code, `${requests} requests left`);
    if (code === undefined) t.equal(answer.note, undefined);
    else t.strictSame(world.providerCalls.take(), []);
  }
});

t.test("a race that is lost mails nobody", async (t) => {
  const { world, customer, book } = await open(t);
  world.providerCalls.after("insert", () =>
    customer.owner.insert({ summary: "By hand", start: monday("10:15"), end: monday("10:45") }),
  );
  t.match(await book("10:00"), { error: { code: "slot_taken" } });
  t.strictSame(await customer.events(), ["By hand 10:15"]);
  t.strictSame(await mailsOf(world), []);
});

t.test("nor does one that is lost while a booking is written anew into another account", async (t) => {
  const { world, book } = await open(t);
  const { answer } = await book("10:00");
  await world.sandbox("POST", "accounts", { email: newAccount, time_zone: "America/Bogota", events: [] });
  await changeAccount(world);
  const owner = await world.signInOwner(newAccount);
  const rewrite = () =>
    world.call("luna", "reschedule_booking", {
      ...{ booking_id: answer.booking_id, start_iso: monday("10:00") },
    });
  let theirs = "";
  world.providerCalls.after("insert", async () => {
    theirs = await owner.insert({ start: monday("10:15"), end: monday("10:45") });
  });
  t.match(await rewrite(), { error: { code: "slot_taken" } });
  t.strictSame(await mailsOf(world, newAccount), []);
  await owner.remove(theirs);
  t.match(await rewrite(), { answer: { status: "confirmed" } });
  t.match(await mailsOf(world, newAccount), [{ to: "ana@example.com", about: "invitation" }]);
  t.equal((await mailsOf(world, newAccount)).length, 1);
  t.strictSame(await invitationsOf(world), ["sent"]);
});

t.test("an insert whose answers are lost is taken back, and mails nobody", async (t) => {
  const { world, customer, book } = await open(t);
  for (const nth of [1, 2, 3])
    world.providerCalls.after("insert", async () => undefined, { nth, lost: true });
  t.match(await book("10:00"), { error: { code: "calendar_unavailable" } });
  t.strictSame(await customer.events(), []);
  t.strictSame(await mailsOf(world), []);
});

t.test("an invitation that couldn't be sent is pending, and is sent once Google answers", async (t) => {
  const { world, book } = await open(t);
  await world.fault("patch", { status: 503 });
  const request = { idempotency_key: "key 1" };
  const { answer } = await book("10:00", request);
  t.match(answer, { status: "confirmed", note: /todavía no se ha enviado/ });
  t.strictSame(await invitationsOf(world), ["pending"]);
  await world.sandbox("DELETE", "faults");
  await until(async () => (await invitationsOf(world))[0] === "sent");
  t.match(await mailsOf(world), [{ to: "ana@example.com", about: "invitation" }]);
  t.equal((await mailsOf(world)).length, 1);
  t.equal((await book("10:00", request)).answer.note, undefined, "who asks again learns that it was sent");
});

t.test("a pending invitation outlasts a calendar that isn't connected for a while", async (t) => {
  const { world, book } = await open(t);
  await world.fault("patch", { status: 503 });
  await book("10:00");
  await world.api("DELETE", "/v1/customer-calendars/luna");
  await world.sandbox("DELETE", "faults");
  await world.restart();
  await sleep(300);
  t.strictSame(await invitationsOf(world), ["pending"]);
  const { body } = await world.connect("luna");
  await world.consent(body.shareable_link);
  await until(async () => (await invitationsOf(world))[0] === "sent");
  t.equal((await mailsOf(world)).length, 1);
});

t.test("an invitation that was done without an answer isn't sent twice", async (t) => {
  const { world, book } = await open(t);
  world.providerCalls.after("patch", async () => undefined, { lost: true });
  t.equal((await book("10:00")).answer.note, undefined);
  t.equal((await mailsOf(world)).length, 1);
  t.strictSame(await invitationsOf(world), ["sent"]);
});

t.test("guests whom the business adds meanwhile stay", async (t) => {
  const { world, customer, book } = await open(t);
  world.providerCalls.before("patch", async () => {
    const [id = ""] = await customer.eventIds();
    await (await world.ownerOf("luna")).change(id, { guests: ["tutor@example.com"] });
  });
  const { answer } = await book("10:00");
  t.equal(answer.note, undefined);
  const [event] = await world.readEvents("luna@example.com");
  t.strictSame(event?.guests, ["tutor@example.com", "ana@example.com"]);
});

t.test(
  "nobody is invited to a booking that was cancelled, or is over, before it could be done",
  async (t) => {
    const { world, customer, book } = await open(t);
    await world.fault("patch", { status: 503 });
    const { answer } = await book("10:00");
    await book("11:00", { attendee_name: "Bea Ruiz", attendee_email: "bea@example.com" });
    t.match(await customer.call("cancel_booking", { booking_id: answer.booking_id }), {
      answer: { status: "cancelled" },
    });
    t.strictSame(await invitationsOf(world), [null, "pending"]);
    world.clock.now = Date.parse(monday("12:00"));
    await until(async () => {
      const path = `/v1/customer-calendars/luna/bookings?status=confirmed&from=${monday("00:00")}`;
      const { body } = await world.api("GET", path.replaceAll("+", "%2B"));
      return body.bookings[0]?.invitation === "refused";
    });
    await world.sandbox("DELETE", "faults");
    await sleep(100);
    t.strictSame(await mailsOf(world), []);
  },
);

testOtherProviders(import.meta.url);
