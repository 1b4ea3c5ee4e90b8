import { once } from "node:events";
import { request } from "node:http";
import { text } from "node:stream/consumers";
import t from "tap";
import {
  ana,
  attendeeTools,
  bea,
  byPhone,
  byRef,
  type CallHeaders,
  callWith,
  mondayAt,
  openForAttendees,
  readEvents,
} from "./support/attendee-calls.ts";

t.test("a key for attendees does nothing with appointments without a person, and all else", async (t) => {
  const { world, bot, owner, book } = await openForAttendees(t);
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
  t.equal((await readEvents(world)).length, 1);
});

const refusedHeaders: [headers: CallHeaders, code: string, header: string][] = [
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
  ].map((phone) => [byPhone(phone), "attendee_invalid", "X-Attendee-Phone"] as [CallHeaders, string, string]),
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

const acceptedHeaders = [
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

t.test("a header that can't be a person is refused by name, whatever is called", async (t) => {
  const { world, bot, owner } = await openForAttendees(t);
  for (const key of [bot, owner]) {
    for (const [headers, code, header] of refusedHeaders) {
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

  for (const headers of acceptedHeaders) {
    const outcome = await callWith(world, { ...bot, ...headers }, "list_bookings");
    t.match(outcome, { status: 200, answer: { bookings: [] } }, JSON.stringify(headers).slice(0, 60));
  }
});

t.test("a header that comes twice on the wire is one person or a conflict", async (t) => {
  const { world, bot } = await openForAttendees(t);
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
