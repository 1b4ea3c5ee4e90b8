import type { Call } from "../talk.ts";
import { type Agent, isOf, withArgs } from "./agent.ts";

/** Agents whose models and hosts send what stands for nothing, for something else, or for the same in another type. */

const books = isOf("book");
const anyTool = isOf(
  "get_business_info",
  "get_available_slots",
  "book",
  "list_bookings",
  "reschedule_booking",
  "cancel_booking",
);

/** What each tool may be called without. */
const optional: Readonly<Record<string, readonly string[]>> = {
  get_available_slots: ["days", "service", "duration_minutes"],
  book: ["service", "duration_minutes", "attendee_phone", "attendee_email", "notes", "idempotency_key"],
  list_bookings: ["attendee_phone", "attendee_email", "from", "to"],
};

function withEmpty(call: Call, empty: (index: number) => unknown): Call {
  const names = optional[call.tool] ?? [];
  const missing = names.map((name, index): [string, unknown] => [name, empty(index)]);
  return { ...call, args: { ...Object.fromEntries(missing), ...call.args } };
}

const toText = (value: unknown) => (typeof value === "number" ? String(value) : value);
const toNumber = (value: unknown) => (/^\+\d+$/.test(String(value)) ? Number(String(value).slice(1)) : value);

function withEach(call: Call, change: (value: unknown) => unknown): Call {
  const args = Object.entries(call.args).map(([name, value]): [string, unknown] => [name, change(value)]);
  return { ...call, args: Object.fromEntries(args) };
}

const ofHosts = {
  toolCallId: "call_1",
  sessionId: "573001234567",
  action: "sendMessage",
  chatInput: "hola",
  tool: "cita",
  wait_for_previous: true,
};

/** Fills in what was refused as not filled in. */
function refusedAsPlaceholder(name: string, value: string): Agent["err"] {
  return async (call, talk) => {
    const wrong = await talk.call(withArgs(call, { [name]: value }));
    talk.expectHint(wrong, ["invalid_arguments", "invalid_time"], `${name} is a placeholder`);
    return talk.call(call);
  };
}

export const carelessHosts: readonly Agent[] = [
  {
    name: "nulls",
    mistake: "sends null, nothing or the word for it where it has no value",
    always: true,
    errsAt: (call) => anyTool(call) && optional[call.tool] !== undefined,
    err: (call, talk) => talk.call(withEmpty(call, (index) => [null, "", " ", "undefined"][index % 4])),
  },
  {
    name: "texts-for-numbers",
    mistake: "sends numbers as texts, and phone numbers as numbers",
    always: true,
    errsAt: anyTool,
    err: (call, talk) => talk.call(withEach(withEach(call, toText), toNumber)),
  },
  {
    name: "host-arguments",
    mistake: "has a host that adds arguments of its own",
    always: true,
    errsAt: anyTool,
    err: (call, talk) => talk.call(withArgs(call, ofHosts)),
  },
  {
    name: "unfilled-name",
    mistake: "books for a template that nobody filled in",
    errsAt: books,
    err: refusedAsPlaceholder("attendee_name", "{{ $json.customer_name }}"),
  },
  {
    name: "key-of-nothing",
    mistake: "repeats by a key that is the word null, which would be everybody's",
    errsAt: books,
    err: refusedAsPlaceholder("idempotency_key", "null"),
  },
  {
    name: "notes-of-nothing",
    mistake: "passes on notes that nobody made",
    errsAt: (call) => books(call) && call.args.notes === undefined,
    async err(call, talk) {
      const outcome = await talk.call(withArgs(call, { notes: "N/A" }));
      const event = talk.latest().events.find(({ id }) => id === outcome.answer?.event_id);
      talk.expect(!event?.description.includes("N/A"), "nothing stands in the calendar as notes");
      return outcome;
    },
  },
  {
    name: "whatsapp-address",
    mistake: "passes on WhatsApp's address of a person as their number",
    always: true,
    errsAt: (call) => anyTool(call) && /^\+\d+$/.test(phoneOf(call)),
    err: (call, talk) =>
      talk.call(withArgs(call, { attendee_phone: `${phoneOf(call).slice(1)}:3@s.whatsapp.net` })),
  },
  {
    name: "hidden-number",
    mistake: "passes on an address of WhatsApp's that is no number",
    errsAt: books,
    async err(call, talk) {
      const wrong = await talk.call(withArgs(call, { attendee_phone: "49752124969511@lid" }));
      talk.expectHint(wrong, "invalid_arguments", "attendee_phone must be a real phone number");
      return talk.call(call);
    },
  },
  {
    name: "service-id",
    mistake: "names an argument nearly as it is called",
    errsAt: (call) => anyTool(call) && call.args.service !== undefined,
    async err(call, talk) {
      const { service, ...args } = call.args;
      const wrong = await talk.call({ ...call, args: { ...args, service_id: service } });
      talk.expectHint(wrong, "invalid_arguments", "did you mean service?");
      return talk.call(call);
    },
  },
];

function phoneOf({ args }: Pick<Call, "args">): string {
  return String(args.attendee_phone);
}
