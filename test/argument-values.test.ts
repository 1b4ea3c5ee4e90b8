import t from "tap";
import { createWorld, type World } from "./support/world.ts";

const ten = "2027-01-18T10:00:00-05:00";
const monday = { date_iso: "2027-01-18" };
const ana = { start_iso: ten, attendee_name: "Ana Ruiz" };

/** Luna's events that aren't cancelled. */
async function readEvents(world: World): Promise<{ summary: string; description: string; status: string }[]> {
  const { events } = await world.sandbox("GET", "events?email=luna@example.com");
  return events.filter(({ status }: { status: string }) => status !== "cancelled");
}

t.test("optional arguments that stand for nothing are absent", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  const { answer } = await world.call("luna", "book", { ...ana, attendee_phone: "+57 300 123 4567" });
  for (const nothing of [null, "", " ", "\u00a0", "null", "NULL", "undefined", "\u200b", "\u3164"]) {
    const name = JSON.stringify(nothing);
    const slots = { ...monday, days: nothing, service: nothing, duration_minutes: nothing };
    t.equal((await world.call("luna", "get_available_slots", slots)).error, undefined, name);
    const list = { attendee_phone: nothing, attendee_email: nothing, from: nothing, to: nothing };
    t.match(await world.call("luna", "list_bookings", list), { answer: { bookings: [{}] } }, name);
    const { booking_id } = answer;
    t.equal((await world.call("luna", "cancel_booking", { booking_id: nothing })).answer, undefined);
    t.equal(
      (await world.call("luna", "reschedule_booking", { booking_id, start_iso: nothing })).answer,
      undefined,
    );
  }
  const rest = {
    service: null,
    duration_minutes: "",
    attendee_email: "null",
    notes: " ",
    idempotency_key: null,
  };
  const eleven = { ...ana, ...rest, start_iso: "2027-01-18T11:00:00-05:00", attendee_phone: "undefined" };
  t.match(await world.call("luna", "book", eleven), { answer: { status: "confirmed" } });
  t.notMatch((await readEvents(world))[1]?.description, /Notes|Phone|E-mail|null|undefined/);
});

t.test("a number in a text is a number, and a text given as a number is a text", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  const ask = (args: object) => world.call("luna", "get_available_slots", { ...monday, ...args });
  const { answer } = await ask({ days: 2, duration_minutes: 45 });
  for (const args of [
    { days: "2", duration_minutes: "45" },
    { days: " 2 ", duration_minutes: "45.0" },
    { days: "+2", duration_minutes: "045" },
  ]) {
    t.strictSame((await ask(args)).answer, answer, JSON.stringify(args));
  }
  for (const days of ["two", "2 days", "1e1", "2,0", "0x2", "2.5", true, [2], { value: 2 }, "99999999999"])
    t.equal((await ask({ days })).error?.code, "invalid_time", JSON.stringify(days));
  const person = { ...ana, attendee_phone: 573001234567, idempotency_key: 12 };
  const { answer: booked } = await world.call("luna", "book", person);
  t.strictSame((await world.call("luna", "book", { ...person, idempotency_key: "12" })).answer, booked);
  const found = await world.call("luna", "list_bookings", { attendee_phone: 573001234567 });
  t.match(found, { answer: { bookings: [{ attendee_phone: "+573001234567" }] } });
  t.match(await world.call("luna", "cancel_booking", { booking_id: 12 }), {
    error: { code: "booking_not_found" },
  });
  t.match(await world.call("luna", "book", { ...ana, idempotency_key: 2 ** 60 }), {
    error: { problems: ["idempotency_key must be a text"] },
  });
});

t.test(
  "a value that nobody filled in is refused, dropped in notes, and no name is taken for one",
  async (t) => {
    const world = await createWorld(t);
    await world.connected("luna");
    const unfilled = [
      "{{name}}",
      "{{ $json.name }}",
      "{name}",
      `$\{name}`,
      "[Customer Name]",
      "<name>",
      "%name%",
    ];
    const words = ["null", "undefined", "none", "N/A", "n/a", "#N/A"];
    for (const value of [...unfilled, ...words]) {
      const named = await world.call("luna", "book", { ...ana, attendee_name: value });
      t.match(
        named.error,
        { code: "invalid_arguments", problems: [/^attendee_name is a placeholder/] },
        value,
      );
      const keyed = await world.call("luna", "book", { ...ana, idempotency_key: value });
      t.match(keyed.error, { problems: [/^idempotency_key is a placeholder.+leave it out/] }, value);
      const timed = await world.call("luna", "book", { ...ana, start_iso: value });
      t.match(timed.error, { code: "invalid_time", problems: [/^start_iso is a placeholder/] }, value);
    }
    const phone = await world.call("luna", "book", { ...ana, attendee_phone: "N/A" });
    t.match(phone.error, { problems: [/^attendee_phone is a placeholder.+leave it out/] });
    t.match(
      await world.call("luna", "list_bookings", { attendee_phone: "{{phone}}" }),
      { error: {} },
      "not all",
    );
    t.strictSame(await readEvents(world), []);

    const starts = ["09:00", "09:30", "10:00", "10:30", "11:00", "11:30", "12:00"];
    const notes = [...unfilled.slice(0, 2), "[Notes]", "<notes>", "None", "undefined", "N/A"];
    for (const [index, time] of starts.entries()) {
      const args = { ...ana, start_iso: `2027-01-18T${time}:00-05:00`, notes: notes[index] };
      t.match(await world.call("luna", "book", args), { answer: { status: "confirmed" } }, `${notes[index]}`);
    }
    t.notOk((await readEvents(world)).some(({ description }) => description.includes("Notes")));

    const names = [
      "Null",
      "NULL",
      "O'Neill",
      "João",
      "李",
      "3M",
      "Y",
      "ñ".repeat(200),
      "محمد علی",
      "None",
      "A {B} C",
    ];
    for (const [index, attendee_name] of names.entries()) {
      const start_iso = `2027-01-${19 + Math.floor(index / 8)}T${9 + (index % 8)}:00:00-05:00`.replace(
        "T9",
        "T09",
      );
      t.match(
        await world.call("luna", "book", { ...ana, start_iso, attendee_name, notes: "ask for [Ana]" }),
        {
          answer: { attendee_name },
        },
      );
    }
    t.ok((await readEvents(world)).some(({ description }) => description.includes("ask for [Ana]")));
  },
);

t.test("a name that shows nothing is no name, of an attendee or a business", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  const nothing = [
    "\u3164",
    "\u2800",
    "\u200b",
    "\u200b\u00ad",
    "\u0301",
    "\u3000\u00a0",
    "\ufe0f",
    "…",
    "👍",
  ];
  for (const [index, name] of nothing.entries()) {
    const { error } = await world.call("luna", "book", { ...ana, attendee_name: name });
    t.equal(error?.code, "invalid_arguments", `attendee ${index}`);
    t.equal((await world.connect("sol", { customer_name: name })).status, 400, `business ${index}`);
  }
  for (const customer_name of ["Luna\nmore", "Luna\r\nmore", "Luna\u2028more", "Luna\u0085more"])
    t.match(await world.connect("sol", { customer_name }), {
      status: 400,
      body: { message: /must be one line/ },
    });
  t.match(await world.connect("sol", { customer_name: " Luna\u202e & 3M\u200b\n" }), {
    body: { customer_name: "Luna & 3M" },
  });
  t.strictSame(await readEvents(world), []);
});
