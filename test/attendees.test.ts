import { once } from "node:events";
import { Agent, request } from "node:http";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "kysely";
import t, { type Test } from "tap";
import { idsOfAttendee } from "../apps/mcp-calendar/src/bookings/ledger/attendee-matching.ts";
import { attendeeTools, type CallHeaders, callWith, makeKey, mondayAt } from "./support/attendee-calls.ts";
import { createWorld, readToolResult, type World } from "./support/world.ts";

const ana = "+57 300 123 4567";
const bea = "+57 300 765 4321";
const byPhone = (phone: string) => ({ "x-attendee-phone": phone });
const byRef = (ref: string) => ({ "x-attendee-ref": ref });

async function openLuna(t: Test, variables: Record<string, string> = {}) {
  const world = await createWorld(t, { variables: { MCP_HEADER_ONLY: "false", ...variables } });
  await world.connected("luna");
  await world.api("PUT", "/v1/customer-calendars/luna/schedule", { language: "en" });
  const [bot, owner] = [await makeKey(world, "luna", "attendee"), await makeKey(world, "luna")];
  const book = async (headers: CallHeaders, halfHour: number, args: object = {}) => {
    const sent = { start_iso: mondayAt(halfHour), attendee_name: "Ana", ...args };
    const { answer, ...refusal } = await callWith(world, headers, "book", sent);
    if (answer === undefined) throw new Error(JSON.stringify(refusal));
    return answer.booking_id as string;
  };
  const listed = async (headers: CallHeaders, args: object = {}): Promise<string[]> => {
    const { answer, ...refusal } = await callWith(world, headers, "list_bookings", args);
    if (answer === undefined) throw new Error(JSON.stringify(refusal));
    return answer.bookings.map(({ booking_id }: { booking_id: string }) => booking_id);
  };
  return { world, bot, owner, book, listed };
}

async function eventsOf(world: World): Promise<{ status: string; summary: string; description: string }[]> {
  return (await world.sandbox("GET", "events?email=luna@example.com")).events;
}

t.test("a person reaches their own appointments and nobody else's, under any key or none", async (t) => {
  const { world, bot, owner, book, listed } = await openLuna(t);
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
  const { world, bot, owner, book, listed } = await openLuna(t);
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
  const [event] = await eventsOf(world);
  t.match(event?.description, "Phone: +573001234567");
  t.notMatch(event?.description, "765");
  t.notMatch(world.log.join(""), /300 ?123 ?4567|tg:4711/, "nor does any of it stand in the log");
});

t.test("a key for attendees does nothing with appointments without a person, and all else", async (t) => {
  const { world, bot, owner, book } = await openLuna(t);
  const booking_id = await book({ ...bot, ...byPhone(ana) }, 0);
  const args = { start_iso: mondayAt(4), attendee_name: "Ana", attendee_phone: ana, booking_id };
  for (const tool of attendeeTools) {
    const outcome = await callWith(world, bot, tool, args);
    t.match(outcome, { status: 400, refused: { code: "attendee_required", message: /X-Attendee-Phone/ } });
    for (const [name, value] of [
      ["x-attendee-phone", ""],
      ["x-attendee-ref", " "],
      ["x-attendee-phone", ", ,"],
    ] as const) {
      for (const key of [bot, owner]) {
        t.match(
          await callWith(world, { ...key, [name]: value }, tool, args),
          { status: 400, refused: { code: "attendee_required" } },
          `${tool}, and an empty header is no reason to reach all`,
        );
      }
    }
  }
  const notification = { jsonrpc: "2.0", method: "tools/call", params: { name: "cancel_booking" } };
  t.equal((await world.rpc(notification, bot)).status, 400, "nor by what isn't a request");

  for (const headers of [bot, { ...bot, ...byPhone("") }, { ...bot, ...byPhone(ana) }]) {
    for (const tool of ["get_business_info", "get_available_slots"]) {
      t.match(
        await callWith(world, headers, tool, tool === "get_business_info" ? {} : { date_iso: "2027-01-18" }),
        {
          status: 200,
          answer: { timezone: "America/Bogota" },
        },
      );
    }
    for (const [method, params] of [
      ["tools/list", {}],
      ["prompts/list", {}],
      ["prompts/get", { name: "agendar_cita" }],
      ["resources/list", {}],
      ["resources/read", { uri: "cita://business" }],
      ["ping", {}],
    ] as const) {
      const { status, body } = await world.rpc({ jsonrpc: "2.0", id: 1, method, params }, headers);
      t.equal(status, 200, method);
      t.ok(body.result, method);
    }
  }
  t.match(await callWith(world, bot, "wipe_all"), { status: 200, refused: { code: -32_602 } });
  t.equal((await eventsOf(world)).length, 1);
});

t.test("a header that can't be a person is refused by name, whatever is called", async (t) => {
  const { world, bot, owner } = await openLuna(t);
  const refusals: [headers: CallHeaders, code: string, header: string][] = [
    ...[
      "hello",
      "123",
      "+57 300",
      "3001234567",
      "+57 300 123 456²",
      "undefined",
      "{{ $json.from }}",
      "CO.1349120865530274",
      "49752124969511@lid",
      "1".repeat(300),
      "+57 300 123 4567 +57 300 765 4321",
    ].map(
      (phone) => [byPhone(phone), "attendee_invalid", "X-Attendee-Phone"] as [CallHeaders, string, string],
    ),
    ...[
      "x".repeat(201),
      "x".repeat(300),
      "two words",
      "é",
      "null",
      "undefined",
      "NaN",
      "[object Object]",
      "{{contact.id}}",
      "$" + "{from}",
      "<ref>",
      "[id]",
      "-",
      "tg:",
      "tg:undefined",
      "tg:None",
      "wa=null",
      "tg:[object",
      "tg:{{$json.message.chat.id}}",
      "=tg:{{$json.id}}",
      "false",
    ].map((ref) => [byRef(ref), "attendee_invalid", "X-Attendee-Ref"] as [CallHeaders, string, string]),
    [byPhone(`${ana}, ${bea}`), "attendee_conflict", "X-Attendee-Phone"],
    [byRef("a, b"), "attendee_conflict", "X-Attendee-Ref"],
    [{ ...byPhone(ana), ...byRef("x".repeat(300)) }, "attendee_invalid", "X-Attendee-Ref"],
    [{ ...byPhone("no"), ...byRef("tg:1") }, "attendee_invalid", "X-Attendee-Phone"],
  ];
  for (const key of [bot, owner]) {
    for (const [headers, code, header] of refusals) {
      for (const tool of ["list_bookings", "get_business_info"]) {
        const outcome = await callWith(world, { ...key, ...headers }, tool);
        t.match(outcome, { status: 400, refused: { code, header } }, JSON.stringify(headers).slice(0, 60));
        t.ok((outcome.refused?.message.length ?? 0) > 40, "in words");
      }
    }
  }
  const { body } = await world.rpc(
    { jsonrpc: "2.0", id: "my-id", method: "tools/list" },
    { ...bot, ...byPhone("no") },
  );
  t.match(body, {
    jsonrpc: "2.0",
    id: "my-id",
    error: { code: -32_602, data: { code: "attendee_invalid" } },
  });

  const accepted = [
    byPhone(`${ana}, 573001234567`),
    byPhone("00573001234567"),
    byRef("x"),
    byRef("x".repeat(200)),
    byRef("a,b"),
    byRef("573001234567:3@s.whatsapp.net"),
    byRef("49752124969511@lid"),
    byRef("Null-Island-7"),
    byRef("object-4711"),
    byRef("ObjectId(507f1f77bcf86cd799439011)"),
    byRef("{3F2504E0-4F89-11D3-9A0C-0305E82C3301}"),
    byRef("web:none-of-yours:1"),
    ...["4791234567", "4520123456", "6581234567", "5352345678", "5976812345"].map(byPhone),
    { ...byPhone(""), ...byRef("CO.1") },
    { ...byPhone(ana), ...byRef("") },
  ];
  for (const headers of accepted) {
    const outcome = await callWith(world, { ...bot, ...headers }, "list_bookings");
    t.match(outcome, { status: 200, answer: { bookings: [] } }, JSON.stringify(headers).slice(0, 60));
  }
});

t.test("a header that comes twice on the wire is one person or a conflict", async (t) => {
  const { world, bot } = await openLuna(t);
  const params = { name: "list_bookings", arguments: {} };
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params });
  const send = async (headers: Record<string, string[]>) => {
    const all = { ...bot, "content-type": "application/json", ...headers };
    const sent = request(`${world.mcpUrl}/mcp`, { method: "POST", headers: all });
    sent.end(body);
    const [response] = await once(sent, "response");
    const { error } = JSON.parse(await text(response));
    return error?.data.code ?? response.statusCode;
  };
  const phones = (...values: string[]) => send({ "X-Attendee-Phone": values });
  const refs = (...values: string[]) => send({ "X-Attendee-Ref": values });
  t.equal(await phones(ana, bea), "attendee_conflict");
  t.equal(await phones(ana, "573001234567"), 200, "two spellings of one");
  t.equal(await phones(ana, ""), 200);
  t.equal(await refs("tg:1", "tg:2"), "attendee_conflict");
  t.equal(await refs("tg:1", "tg:1"), 200);
  t.equal(await refs(...Array.from({ length: 50 }, (_, i) => `tg:${i}`)), "attendee_conflict");
});

t.test(
  "a number and a reference of two known persons are a conflict; a new number locks nobody out",
  async (t) => {
    const { world, bot, owner, book, listed } = await openLuna(t);
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

t.test("two persons' calls, a thousand of them interleaved under one key, never cross", async (t) => {
  const { world, bot, book } = await openLuna(t, {
    GOOGLE_USER_QUOTA: "100000",
    GOOGLE_PROJECT_QUOTA: "100000",
  });
  const people = [byPhone(ana), byRef("tg:bea"), { ...byPhone("+57 322 222 2222"), ...byRef("tg:cleo") }];
  const names = ["Ana", "Bea", "Cleo"];
  const ids: string[] = [];
  for (const [i, person] of people.entries())
    ids.push(await book({ ...bot, ...person }, i, { attendee_name: names[i] }));
  const agent = new Agent({ keepAlive: true, maxSockets: 50 });
  t.teardown(() => agent.destroy());
  let next = 0;
  let underWay = 0;
  let overlapped = 0;
  const crossed: string[] = [];
  async function callOn(): Promise<void> {
    for (let i = next++; i < 1_000; i = next++) {
      const who = i % people.length;
      const another = ids[(who + 1) % ids.length];
      const [tool, args] =
        i % 5 === 0
          ? ["cancel_booking", { booking_id: another }]
          : ["list_bookings", { attendee_phone: ana }];
      if (++underWay > 1) overlapped++;
      const headers = { ...bot, ...people[who], "content-type": "application/json" };
      const sent = request(`${world.mcpUrl}/mcp`, { method: "POST", agent, headers });
      sent.flushHeaders();
      const answered = once(sent, "response");
      await sleep(1);
      const params = { name: tool, arguments: args };
      sent.end(JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params }));
      const [response] = await answered;
      underWay--;
      const { answer, error } = readToolResult(JSON.parse(await text(response)).result);
      const seen =
        error?.code ?? answer.bookings.map(({ attendee_name }: { attendee_name: string }) => attendee_name);
      const due = i % 5 === 0 ? "booking_not_found" : names[who];
      if (String(seen) !== due) crossed.push(`${names[who]} got ${seen}`);
    }
  }
  await Promise.all(Array.from({ length: 50 }, callOn));
  t.strictSame(crossed, []);
  t.ok(overlapped > 900, `${overlapped} began while others were under way`);
});

t.test("a person's appointments are found and counted by index, however many a customer has", async (t) => {
  const { world, bot, book, listed } = await openLuna(t);
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
