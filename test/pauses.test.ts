import t from "tap";
import { ana, book, eleven, monday, readEvents, readStarts, ten } from "./support/booking-calls.ts";
import { putSchedule, schedulePath, setSchedule } from "./support/schedule.ts";
import { createWorld } from "./support/world.ts";

const tuesdayAtTen = "2027-01-19T10:00:00-05:00";

t.test("nothing is offered or booked before the end of a pause, and what was booked stays", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  const { booking_id } = await book(world);
  await setSchedule(world, "luna", { paused_until: "2027-01-19T14:30:00Z" });

  t.strictSame(await readStarts(world), []);
  const { answer } = await world.call("luna", "get_available_slots", monday);
  t.match(answer, {
    reason: "too_soon",
    next_available: { start: "2027-01-19T09:30:00-05:00" },
    message: "Este negocio no recibe citas antes del martes 19 de enero de 2027, 09:30.",
  });
  t.equal((await readStarts(world, { date_iso: "2027-01-19" }))[0], "2027-01-19T09:30:00-05:00");

  const refused = {
    code: "too_soon",
    retryable: false,
    message: /antes del martes 19 de enero de 2027, 09:30/,
  };
  const { error } = await world.call("luna", "book", { start_iso: eleven, attendee_name: "Luz" });
  t.match(error, { ...refused, alternatives: [{ start: "2027-01-19T09:30:00-05:00" }, {}, {}] });
  t.match(await world.call("luna", "reschedule_booking", { booking_id, start_iso: eleven }), {
    error: refused,
  });
  t.match(
    await world.api("POST", `/v1/customer-calendars/luna/bookings/${booking_id}/reschedule`, {
      start_iso: eleven,
    }),
    { status: 409, body: { code: "too_soon", message: /paused_until/, alternatives: [{}, {}, {}] } },
  );
  const past = await world.call("luna", "book", {
    start_iso: "2027-01-14T10:00:00-05:00",
    attendee_name: "Luz",
  });
  t.match(past.error, {
    code: "too_soon",
    message: "Esa hora ya pasó o falta muy poco para poder agendarla.",
  });
  t.equal((await readEvents(world)).length, 1);

  t.match(await world.call("luna", "reschedule_booking", { booking_id, start_iso: tuesdayAtTen }), {
    answer: { start: tuesdayAtTen },
  });
  t.match(await world.call("luna", "cancel_booking", { booking_id }), { answer: { status: "cancelled" } });
});

t.test("a pause that ends far ahead is told, and costs the calendar no request", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  await setSchedule(world, "luna", {
    time_zone: "America/Bogota",
    paused_until: "2027-03-01T09:00:00-05:00",
  });
  const { answer } = await world.call("luna", "get_available_slots", { ...monday, days: 31 });
  t.match(answer, { slots: [], reason: "too_soon", next_available: { start: "2027-03-01T09:00:00-05:00" } });
  const { error } = await world.call("luna", "book", { start_iso: ten, attendee_name: "Luz" });
  t.match(error, { code: "too_soon", message: /lunes 1 de marzo de 2027, 09:00/, alternatives: [] });
});

t.test("the pause is told in the business's language, and no more once it is over", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  const told = {
    en: "This business isn't taking appointments before Tuesday 19 January 2027, 09:30.",
    es: "Este negocio no recibe citas antes del martes 19 de enero de 2027, 09:30.",
    pt: "Este negócio não recebe agendamentos antes de terça-feira, 19 de janeiro de 2027, 09:30.",
  };
  for (const [language, message] of Object.entries(told)) {
    await setSchedule(world, "luna", { language, paused_until: "2027-01-19T09:30:00-05:00" });
    t.equal((await world.call("luna", "get_available_slots", monday)).answer.message, message);
    t.equal((await world.call("luna", "get_business_info", {})).answer.exceptions[0], message);
    const { error } = await world.call("luna", "book", { start_iso: ten, ...ana });
    t.equal(error.message, message);
  }
  world.clock.now = Date.parse("2027-01-19T14:30:00Z");
  t.strictSame((await world.call("luna", "get_business_info", {})).answer.exceptions, []);
  const { answer } = await world.call("luna", "get_available_slots", monday);
  t.match(answer, { reason: "too_soon", message: undefined });
});

t.test("a pause is a time with its offset, or null", async (t) => {
  const world = await createWorld(t);
  await world.connect("luna");
  t.equal((await world.api("GET", schedulePath("luna"))).body.paused_until, null);
  for (const paused_until of ["2027-01-19", "2027-01-19T09:30", "2027-02-30T09:30:00Z", "mañana", 5, true]) {
    t.match(await putSchedule(world, "luna", { paused_until }), {
      status: 400,
      body: { code: "invalid_schedule", problems: [/^paused_until must be null or a time with its offset/] },
    });
  }
});
