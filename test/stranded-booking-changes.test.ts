import t from "tap";
import { testedProvider, testOtherProviders } from "./support/calendar-providers.ts";
import {
  book,
  changeAccount,
  changeBooking,
  listBookings,
  listStranded,
  monday,
  newAccount,
  openLuna,
  readActivity,
  readCustomer,
  readEvents,
} from "./support/stranded-bookings.ts";

const provider = testedProvider(import.meta.url);

t.test("agents cancel stranded bookings, and have them written anew", async (t) => {
  const world = await openLuna(t, provider);
  const [nine, ten, eleven] = [
    await book(world, monday("09:00"), { idempotency_key: "one" }),
    await book(world, monday("10:00")),
    await book(world, monday("11:00")),
  ];
  const before = await readEvents(world, "luna@example.com");
  await changeAccount(world);

  const again = { start_iso: monday("09:00"), attendee_name: "Ana Ruiz", idempotency_key: "one" };
  t.match(await world.call("luna", "book", again), {
    error: {
      code: "calendar_unavailable",
      retryable: false,
      message: /en un calendario que el negocio ya no tiene conectado/,
      next_step: /reschedule_booking/,
    },
  });
  t.strictSame(world.providerCalls.take(), [], "it is known without asking");

  const cancelled = await world.call("luna", "cancel_booking", { booking_id: nine.booking_id });
  t.match(cancelled.answer, { status: "cancelled", start: monday("09:00") });
  t.strictSame(world.providerCalls.take(), []);

  const move = (booking: { booking_id: string }, start_iso: string) =>
    world.call("luna", "reschedule_booking", { booking_id: booking.booking_id, start_iso });
  t.match((await move(ten, monday("10:00"))).answer, { booking_id: ten.booking_id, start: monday("10:00") });
  t.match((await move(eleven, monday("09:00"))).answer, { start: monday("09:00") });
  const written = await readEvents(world, newAccount);
  t.strictSame([...written.values()].sort(), ["2027-01-18T14:00:00.000Z", "2027-01-18T15:00:00.000Z"]);
  t.strictSame(await readEvents(world, "luna@example.com"), before, "the old ones are as they were");

  t.match(await listBookings(world), [
    { booking_id: eleven.booking_id, start: monday("09:00"), stranded: false },
    { booking_id: ten.booking_id, start: monday("10:00"), stranded: false },
  ]);
  for (const { event_id } of await listBookings(world))
    t.ok(written.has(event_id), "their event is the new one");
  t.match(
    (await move(ten, monday("12:00"))).answer,
    { start: monday("12:00") },
    "from now on they are ordinary",
  );
  t.match(await world.call("luna", "cancel_booking", { booking_id: ten.booking_id }), { answer: {} });
  t.equal((await readEvents(world, newAccount)).size, 1);
});

t.test("an admin cancels stranded bookings, and has them written anew", async (t) => {
  const world = await openLuna(t, provider);
  const nine = await book(world, monday("09:00"), { notes: "First visit" });
  const ten = await book(world, monday("10:00"));
  const eleven = await book(world, monday("11:00"));
  await changeAccount(world);

  const rewritten = await changeBooking(world, nine.booking_id, "reschedule", { start_iso: nine.start });
  t.match(rewritten, {
    status: 200,
    body: { booking_id: nine.booking_id, start: nine.start, status: "confirmed", stranded: false },
  });
  t.ok((await readEvents(world, newAccount)).has(rewritten.body.event_id));
  t.equal(rewritten.body.notes, "First visit");
  const moved = await changeBooking(world, ten.booking_id, "reschedule", { start_iso: "2027-01-18T12:00" });
  t.match(moved, { status: 200, body: { start: monday("12:00"), stranded: false } });
  const cancelled = await changeBooking(world, eleven.booking_id, "cancel");
  t.match(cancelled, { status: 200, body: { status: "cancelled", stranded: false } });
  const again = await changeBooking(world, eleven.booking_id, "cancel");
  t.strictSame(again.body, cancelled.body, "and again");
  t.strictSame(
    (await changeBooking(world, nine.booking_id, "reschedule", { start_iso: nine.start })).body,
    rewritten.body,
  );

  t.strictSame([...(await readEvents(world, newAccount)).keys()].sort(), [
    ...[rewritten.body.event_id, moved.body.event_id].sort(),
  ]);
  t.equal((await readEvents(world, "luna@example.com")).size, 3);
  t.strictSame(await listStranded(world), []);
  t.equal((await readCustomer(world)).stranded_bookings, 0);
  t.match(await readActivity(world, "rescheduled"), [
    { booking_id: ten.booking_id, from: monday("10:00"), start: monday("12:00"), by: "admin" },
    { booking_id: nine.booking_id, from: monday("09:00"), start: monday("09:00"), by: "admin" },
  ]);
  t.match(await readActivity(world, "cancelled"), [{ booking_id: eleven.booking_id, by: "admin" }]);
  const { answer } = await world.call("luna", "list_bookings", {});
  t.strictSame(
    answer.bookings.map(({ start }: { start: string }) => start),
    [monday("09:00"), monday("12:00")],
  );
});

t.test(
  "writing anew that fails leaves the booking where it was, and works when it is repeated",
  async (t) => {
    const world = await openLuna(t, provider);
    const { booking_id, event_id } = await book(world, monday("09:00"));
    await changeAccount(world);
    const failures = [
      ["refused", "insert", 400],
      ["limited", "insert", 429],
      ["not readable", "list", 503],
    ] as const;
    for (const [name, call, status] of failures) {
      await world.fault(call, { status });
      t.match(
        await changeBooking(world, booking_id, "reschedule", { start_iso: monday("09:00") }),
        { status: 503 },
        name,
      );
      await world.sandbox("DELETE", "faults");
      t.match(await listStranded(world), [{ booking_id, event_id, start: monday("09:00") }]);
      t.equal((await readEvents(world, newAccount)).size, 0, `${name}: nothing is left in the new calendar`);
    }
    await world.fault("insert", { drop: "answer", times: 1 });
    t.match(await changeBooking(world, booking_id, "reschedule", { start_iso: monday("09:00") }), {
      status: 200,
    });
    t.equal((await readEvents(world, newAccount)).size, 1, "also where the first answer is lost");
  },
);

t.test(
  "of an agent and an admin who write the same booking anew one wins, and there is one event",
  async (t) => {
    const world = await openLuna(t, provider);
    const { booking_id } = await book(world, monday("09:00"));
    await changeAccount(world);
    await Promise.all([
      world.call("luna", "reschedule_booking", { booking_id, start_iso: monday("12:00") }),
      changeBooking(world, booking_id, "reschedule", { start_iso: monday("13:00") }),
    ]);
    const [shown, ...others] = await listBookings(world);
    t.strictSame(others, []);
    t.match(shown, { booking_id, stranded: false });
    t.strictSame(
      [...(await readEvents(world, newAccount))],
      [[shown?.event_id, new Date(shown?.start ?? "").toISOString()]],
    );
  },
);

testOtherProviders(import.meta.url);
