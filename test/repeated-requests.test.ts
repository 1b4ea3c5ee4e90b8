import t, { type Test } from "tap";
import { callWith, makeKey, mondayAt } from "./support/attendee-calls.ts";
import { testedProvider, testOtherProviders } from "./support/calendar-providers.ts";
import { createWorld } from "./support/world.ts";

const provider = testedProvider(import.meta.url);

const ana = "+57 300 123 4567";

async function openClass(t: Test, capacity = 3) {
  const world = await createWorld(t, { provider });
  await world.connected("luna");
  const services = [
    { id: "class", name: "Class", duration_minutes: 30, capacity },
    { id: "other", name: "Other", duration_minutes: 30, capacity },
  ];
  await world.api("PUT", "/v1/customer-calendars/luna/schedule", { services });
  const luna = { "x-customer-id": "luna" };
  const book = async (args: object, headers: Record<string, string> = {}): Promise<string> => {
    const request = { start_iso: mondayAt(0), attendee_name: "Ana Pérez", ...args };
    const { answer, error } = await callWith(world, { ...luna, ...headers }, "book", request);
    return answer?.booking_id ?? error?.code ?? "refused";
  };
  const readEvents = () => world.readEvents("luna@example.com");
  const eventsLeft = async () => (await readEvents()).length;
  const eventIdOf = async (bookingId: string) =>
    (await readEvents()).find((event) => event.bookingId === bookingId)?.id ?? "";
  return { world, luna, book, eventsLeft, eventIdOf };
}

const isBooking = /^[0-9a-f]{32}$/;

t.test("the same book without a key is the same appointment, however the person is known", async (t) => {
  const people: [name: string, args: object, headers: Record<string, string>][] = [
    ["a number", { attendee_phone: ana }, {}],
    ["an address", { attendee_email: "ana@example.com" }, {}],
    ["both", { attendee_phone: ana, attendee_email: "ana@example.com" }, {}],
    ["the channel's number", {}, { "x-attendee-phone": ana }],
    ["the channel's reference", {}, { "x-attendee-ref": "CO.1349120865530274" }],
  ];
  for (const [name, args, headers] of people) {
    const { book, eventsLeft } = await openClass(t);
    const first = await book(args, headers);
    t.match(first, isBooking);
    t.equal(await book(args, headers), first, name);
    t.equal(await book({ ...args, attendee_name: "ana  pérez" }, headers), first, "in another spelling");
    t.equal(await book({ ...args, notes: "by the window" }, headers), first);
    t.equal(await eventsLeft(), 1);
  }
});

t.test("of two at once one is made, and both are told of it", async (t) => {
  for (const capacity of [1, 3, 10]) {
    const { book, eventsLeft } = await openClass(t, capacity);
    const ids = await Promise.all(Array.from({ length: 5 }, () => book({ attendee_phone: ana })));
    t.match(ids[0], isBooking);
    t.equal(new Set(ids).size, 1, `${capacity} places`);
    t.equal(await eventsLeft(), 1);
  }
});

t.test("another name, person, service, time or key is another appointment", async (t) => {
  const { book, eventsLeft } = await openClass(t, 10);
  const ids = [
    await book({ attendee_phone: ana }),
    await book({ attendee_phone: ana, attendee_name: "Luis Pérez" }),
    await book({ attendee_phone: "+57 300 765 4321" }),
    await book({ attendee_email: "ana@example.com" }),
    await book({ attendee_phone: ana, service: "other", start_iso: mondayAt(3) }),
    await book({ attendee_phone: ana, start_iso: mondayAt(1) }),
    await book({ attendee_phone: ana, idempotency_key: "another, on purpose" }),
    await book({}, { "x-attendee-ref": "tg:1" }),
    await book({}, { "x-attendee-ref": "tg:2" }),
    await book({}),
    await book({}),
  ];
  t.match(ids, Array(11).fill(isBooking), "who is known by a name alone can't be told apart");
  t.equal(new Set(ids).size, 11);
  t.equal(await eventsLeft(), 11);
});

t.test("a booking that was cancelled, deleted or moved is made anew", async (t) => {
  const { world, luna, book, eventsLeft, eventIdOf } = await openClass(t);
  const owner = await world.ownerOf("luna");
  const request = { attendee_phone: ana };
  const first = await book(request);
  await callWith(world, luna, "cancel_booking", { booking_id: first });
  const second = await book(request);
  t.match(second, isBooking);
  t.not(second, first, "cancelled");
  await owner.remove(await eventIdOf(second));
  const third = await book(request);
  t.match(third, isBooking);
  t.not(third, second, "deleted by hand");
  await callWith(world, luna, "reschedule_booking", { booking_id: third, start_iso: mondayAt(4) });
  const fourth = await book(request);
  t.match(fourth, isBooking);
  t.not(fourth, third, "moved");
  await owner.change(await eventIdOf(fourth), { start: mondayAt(6), end: mondayAt(7) });
  const fifth = await book(request);
  t.match(fifth, isBooking);
  t.not(fifth, fourth, "moved by hand");
  t.equal(await book(request), fifth);
  t.equal(await eventsLeft(), 3);
});

t.test("a key of one person neither blocks another's nor tells of it", async (t) => {
  const { world, book } = await openClass(t, 10);
  const bot = await makeKey(world, "luna", "attendee");
  const request = { idempotency_key: "null-1" };
  const [one, two] = [
    await book(request, { ...bot, "x-attendee-ref": "tg:1" }),
    await book(request, { ...bot, "x-attendee-ref": "tg:2" }),
  ];
  t.match([one, two], [isBooking, isBooking]);
  t.not(one, two);
  t.equal(await book(request, { ...bot, "x-attendee-ref": "tg:1" }), one);
  t.equal(
    await book({ ...request, start_iso: mondayAt(2) }, { ...bot, "x-attendee-ref": "tg:1" }),
    "idempotency_conflict",
  );
});

testOtherProviders(import.meta.url);
