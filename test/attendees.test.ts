import { sql } from "kysely";
import t from "tap";
import { idsOfAttendee } from "../apps/mcp-calendar/src/bookings/ledger/conditions.ts";
import {
  ana,
  attendeeTools,
  bea,
  byPhone,
  byRef,
  callWith,
  mondayAt,
  openForAttendees,
  readEvents,
} from "./support/attendee-calls.ts";
import { createWorld } from "./support/world.ts";

t.test("a person reaches their own appointments and nobody else's, under any key or none", async (t) => {
  const { world, bot, owner, book, listed } = await openForAttendees(t);
  const of = {
    ana: await book({ ...bot, ...byPhone(ana) }, 0),
    bea: await book({ ...bot, ...byPhone(bea) }, 1, { attendee_name: "Bea" }),
    ref: await book({ ...bot, ...byRef("CO.1349120865530274") }, 2, { attendee_name: "Cleo" }),
    shop: await book(owner, 3, { attendee_name: "Dora", attendee_phone: bea }),
  };
  const everybody = Object.values(of);
  t.strictSame(await listed(owner), everybody, "the owner's own assistant sees all");
  t.strictSame(await listed(owner, { attendee_phone: bea }), [of.bea, of.shop]);

  const header = await createWorld(t);
  t.match(await callWith(header, { "x-customer-id": "nobody", ...byPhone(ana) }, "list_bookings"), {
    error: { code: "unknown_customer" },
  });

  for (const key of [bot, owner]) {
    const asAna = { ...key, ...byPhone("573001234567") };
    t.strictSame(await listed(asAna), [of.ana], "whatever the spelling");
    t.strictSame(await listed({ ...key, ...byPhone(" +57 (300) 123-4567 ") }), [of.ana]);
    t.strictSame(await listed(asAna, { attendee_phone: bea }), [of.ana], "whatever the arguments say");
    t.strictSame(await listed(asAna, { attendee_email: "bea@example.com" }), [of.ana]);
    t.strictSame(await listed({ ...key, ...byPhone(bea) }), [of.bea, of.shop]);
    t.strictSame(await listed({ ...key, ...byRef("CO.1349120865530274") }), [of.ref]);
    t.strictSame(
      await listed({ ...key, ...byRef("CO.134912086553027") }),
      [],
      "a part of a reference is another",
    );
    t.strictSame(await listed({ ...key, ...byRef("co.1349120865530274") }), [], "and so is another case");
    t.strictSame(await listed({ ...key, ...byPhone("+57 311 111 1111") }), []);

    const unknown = { booking_id: "f".repeat(32) };
    for (const booking_id of [of.bea, of.ref, of.shop]) {
      for (const [tool, args] of [
        ["cancel_booking", {}],
        ["reschedule_booking", { start_iso: mondayAt(9) }],
      ] as const) {
        const others = await callWith(world, asAna, tool, { ...args, booking_id });
        const none = await callWith(world, asAna, tool, { ...args, ...unknown });
        t.equal(others.error?.code, "booking_not_found");
        t.strictSame(others, none, "as if there were none");
      }
    }
  }
  t.strictSame(await listed(owner), everybody, "nothing was moved or cancelled");

  const asAna = { ...bot, ...byPhone(ana) };
  const moved = { booking_id: of.ana, start_iso: mondayAt(8) };
  t.match(await callWith(world, asAna, "reschedule_booking", moved), { answer: { start: mondayAt(8) } });
  t.match(await callWith(world, asAna, "cancel_booking", { booking_id: of.ana }), {
    answer: { status: "cancelled" },
  });
  const asBea = { ...bot, ...byPhone(bea) };
  const others = await callWith(world, asBea, "cancel_booking", { booking_id: of.ana });
  t.strictSame(others, await callWith(world, asBea, "cancel_booking", { booking_id: "f".repeat(32) }));
  t.match(await callWith(world, owner, "cancel_booking", { booking_id: of.bea }), {
    answer: { status: "cancelled" },
  });
});

t.test("an appointment's contact is the channel's, whatever the arguments say", async (t) => {
  const { world, bot, owner, book, listed } = await openForAttendees(t);
  const contact = { attendee_phone: bea, attendee_email: "bea@example.com" };
  const id = await book({ ...bot, ...byPhone(ana), ...byRef("tg:4711") }, 0, contact);
  const { body } = await world.api("GET", "/v1/customer-calendars/luna/bookings");
  t.match(body.bookings, [
    {
      booking_id: id,
      attendee_phone: "+573001234567",
      attendee_ref: "tg:4711",
      attendee_email: null,
      notes: "bea@example.com",
    },
  ]);
  t.strictSame(await listed({ ...bot, ...byPhone(ana) }), [id], "the number finds it");
  t.strictSame(await listed({ ...bot, ...byRef("tg:4711") }), [id], "and so does the reference");
  t.strictSame(await listed({ ...bot, ...byPhone(ana), ...byRef("tg:4711") }), [id]);
  t.strictSame(await listed({ ...bot, ...byPhone(bea) }), []);
  t.strictSame(await listed(owner, { attendee_email: "bea@example.com" }), []);
  const [event] = await readEvents(world);
  t.match(event?.description, "Phone: +573001234567");
  t.notMatch(event?.description, "765");
  t.notMatch(world.log.join(""), /300 ?123 ?4567|tg:4711/, "nor does any of it stand in the log");
});

t.test(
  "a number and a reference of two known persons are a conflict; a new number locks nobody out",
  async (t) => {
    const { world, bot, owner, book, listed } = await openForAttendees(t);
    const asAna = { ...byPhone(ana), ...byRef("tg:ana") };
    const asBea = { ...byPhone(bea), ...byRef("tg:bea") };
    const ofAna = await book({ ...bot, ...asAna }, 0);
    const ofBea = await book({ ...bot, ...asBea }, 1, { attendee_name: "Bea" });
    const mixed = { ...bot, ...byPhone(ana), ...byRef("tg:bea") };
    for (const tool of attendeeTools) {
      const args = { booking_id: ofAna, start_iso: mondayAt(5), attendee_name: "Ana" };
      t.match(await callWith(world, mixed, tool, args), {
        status: 400,
        refused: { code: "attendee_conflict", message: /two different persons/ },
      });
    }
    t.match(await callWith(world, { ...mixed, ...owner }, "list_bookings"), { status: 400 }, "under any key");
    t.match(await callWith(world, mixed, "get_business_info"), { status: 200 });
    t.strictSame(await listed({ ...bot, ...asAna }), [ofAna]);
    t.strictSame(await listed({ ...bot, ...byRef("tg:bea") }), [ofBea], "either alone goes on");

    const newNumber = { ...bot, ...byPhone("+57 311 111 1111"), ...byRef("tg:ana") };
    t.strictSame(await listed(newNumber), [ofAna], "a number that nobody has is a new one of hers");
    const later = await book(newNumber, 2);
    t.strictSame(await listed({ ...bot, ...byRef("tg:ana") }), [ofAna, later]);
    t.strictSame(await listed({ ...bot, ...byPhone("+57 311 111 1111") }), [later]);

    const newRef = { ...bot, ...byPhone(ana), ...byRef("tg:somebody") };
    t.strictSame(await listed(newRef), [], "whoever has the number now gets none of who had it before");
    const cancelling = await callWith(world, newRef, "cancel_booking", { booking_id: ofAna });
    t.equal(cancelling.error?.code, "booking_not_found");
    const own = await book(newRef, 3, { attendee_name: "Eva" });
    t.strictSame(await listed(newRef), [own], "but books");

    const byNumberAlone = await book({ ...bot, ...byPhone("+57 322 222 2222") }, 4, { attendee_name: "Fe" });
    const both = { ...bot, ...byPhone("+57 322 222 2222"), ...byRef("tg:fe") };
    t.strictSame(
      await listed(both),
      [byNumberAlone],
      "one that was booked before there were references is found",
    );

    world.clock.now = Date.parse(mondayAt(10));
    t.strictSame(await listed(mixed), [ofBea], "what is over makes nobody known: each id finds its own");
  },
);

t.test("a person's appointments are found and counted by index, however many a customer has", async (t) => {
  const { world, bot, book, listed } = await openForAttendees(t, {}, { engine: "sqlite" });
  const { db } = world.mcp;
  const both = { ...bot, ...byPhone(ana), ...byRef("tg:ana") };
  const id = await book(both, 0);
  t.strictSame(await listed(both), [id]);
  const plans: Record<string, string> = {};
  const person = { phone: "+573001234567", ref: "tg:ana" };
  const queries = {
    "a person's": sql`select * from bookings where id in ${idsOfAttendee("luna", person, 0)} and status = 'confirmed'
      and start_ms < 9 and end_ms > 1 order by start_ms`,
    "changes by a person": sql`select count(*) from attendee_changes where customer_id = 'luna' and at_ms > 1
      and at_ms <= 9 and (attendee_ref = 'a' or attendee_phone = 'b')`,
    cancellations: sql`select count(*) from attendee_changes where customer_id = 'luna' and at_ms > 1 and at_ms <= 9
      and kind = 'cancel'`,
  };
  for (const [name, query] of Object.entries(queries)) {
    const { rows } = await sql<{ detail: string }>`explain query plan ${query}`.execute(db);
    plans[name] = rows.map(({ detail }) => detail).join("; ");
  }
  t.match(plans["a person's"], "bookings_by_ref (customer_id=? AND attendee_ref=?");
  t.match(plans["a person's"], "bookings_by_phone (customer_id=? AND attendee_phone=?");
  t.match(plans["changes by a person"], /by_attendee_ref .*by_attendee_phone /);
  t.match(plans.cancellations, "attendee_changes_by_kind (customer_id=? AND kind=? AND at_ms>? AND at_ms<?)");
  for (const [name, plan] of Object.entries(plans)) t.notMatch(plan, "SCAN", name);
});
