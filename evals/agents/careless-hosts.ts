import type { Call } from "../trial.ts";
import { type Agent, isSuccessfulCall, succeeds, withArgs } from "./agent.ts";

/** Agents whose models and hosts send empty values, placeholders, other types, or arguments of their own. */

const books = isSuccessfulCall("book");

/** The optional arguments of each tool. */
const optionalArguments: Readonly<Record<string, readonly string[]>> = {
  get_available_slots: ["days", "service", "duration_minutes"],
  book: ["service", "duration_minutes", "attendee_phone", "attendee_email", "notes", "idempotency_key"],
  list_bookings: ["attendee_phone", "attendee_email", "from", "to"],
};

function withEmpty(call: Call, empty: (index: number) => unknown): Call {
  const names = optionalArguments[call.tool] ?? [];
  const missing = names.map((name, index): [string, unknown] => [name, empty(index)]);
  return { ...call, args: { ...Object.fromEntries(missing), ...call.args } };
}

const toText = (value: unknown) => (typeof value === "number" ? String(value) : value);
const toNumber = (value: unknown) => (/^\+\d+$/.test(String(value)) ? Number(String(value).slice(1)) : value);

function withEach(call: Call, change: (value: unknown) => unknown): Call {
  const args = Object.entries(call.args).map(([name, value]): [string, unknown] => [name, change(value)]);
  return { ...call, args: Object.fromEntries(args) };
}

/** Seen in calls of n8n and other hosts. */
const hostArguments = {
  toolCallId: "call_1",
  sessionId: "573001234567",
  action: "sendMessage",
  chatInput: "hola",
  tool: "cita",
  wait_for_previous: true,
};

/** Sends a placeholder, which must be refused as one, and then the real value. */
function sendPlaceholder(name: string, value: string): Agent["errAndRecover"] {
  return async (call, trial) => {
    const wrong = await trial.call(withArgs(call, { [name]: value }));
    trial.expectHint(wrong, ["invalid_arguments", "invalid_time"], `${name} is a placeholder`);
    return trial.call(call);
  };
}

export const carelessHosts: readonly Agent[] = [
  {
    name: "nulls",
    mistake: "sends null, an empty text or the word undefined where it has no value",
    always: true,
    canErrAt: (call) => succeeds(call) && optionalArguments[call.tool] !== undefined,
    errAndRecover: (call, trial) =>
      trial.call(withEmpty(call, (index) => [null, "", " ", "undefined"][index % 4])),
  },
  {
    name: "texts-for-numbers",
    mistake: "sends numbers as texts, and phone numbers as numbers",
    always: true,
    canErrAt: succeeds,
    errAndRecover: (call, trial) => trial.call(withEach(withEach(call, toText), toNumber)),
  },
  {
    name: "host-arguments",
    mistake: "has a host that adds arguments of its own",
    always: true,
    canErrAt: succeeds,
    errAndRecover: (call, trial) => trial.call(withArgs(call, hostArguments)),
  },
  {
    name: "unfilled-name",
    mistake: "books for a template that nobody filled in",
    canErrAt: books,
    errAndRecover: sendPlaceholder("attendee_name", "{{ $json.customer_name }}"),
  },
  {
    name: "null-key",
    mistake: "uses the word null as idempotency key, which every such agent would share",
    canErrAt: books,
    errAndRecover: sendPlaceholder("idempotency_key", "null"),
  },
  {
    name: "empty-notes",
    mistake: "passes on N/A as notes",
    canErrAt: (call) => books(call) && call.args.notes === undefined,
    async errAndRecover(call, trial) {
      const outcome = await trial.call(withArgs(call, { notes: "N/A" }));
      const event = trial.latest().events.find(({ id }) => id === outcome.answer?.event_id);
      trial.expect(!event?.description.includes("N/A"), "the calendar has N/A as notes");
      return outcome;
    },
  },
  {
    name: "whatsapp-jid",
    mistake: "passes on a WhatsApp JID as the person's phone number",
    always: true,
    canErrAt: (call) => succeeds(call) && /^\+\d+$/.test(phoneOf(call)),
    errAndRecover: (call, trial) =>
      trial.call(withArgs(call, { attendee_phone: `${phoneOf(call).slice(1)}:3@s.whatsapp.net` })),
  },
  {
    name: "whatsapp-lid",
    mistake: "passes on a WhatsApp LID, which contains no phone number",
    canErrAt: books,
    async errAndRecover(call, trial) {
      const wrong = await trial.call(withArgs(call, { attendee_phone: "49752124969511@lid" }));
      trial.expectHint(wrong, "invalid_arguments", "attendee_phone must be a real phone number");
      return trial.call(call);
    },
  },
  {
    name: "misnamed-argument",
    mistake: "calls the argument service service_id",
    canErrAt: (call) => succeeds(call) && call.args.service !== undefined,
    async errAndRecover(call, trial) {
      const { service, ...args } = call.args;
      const wrong = await trial.call({ ...call, args: { ...args, service_id: service } });
      trial.expectHint(wrong, "invalid_arguments", "did you mean service?");
      return trial.call(call);
    },
  },
];

function phoneOf({ args }: Pick<Call, "args">): string {
  return String(args.attendee_phone);
}
