import { z } from "zod";

export const toolNames = [
  "get_available_slots",
  "book",
  "list_bookings",
  "reschedule_booking",
  "cancel_booking",
  "get_business_info",
] as const;
export type ToolName = (typeof toolNames)[number];

/** Tools that change something in the calendar. */
export const changingTools: ReadonlySet<ToolName> = new Set(["book", "reschedule_booking", "cancel_booking"]);

const text = z.string().trim().max(300).default("");

/** What was typed, as it was typed: the calendar service says what is wrong with it, as it says it to an agent. */
export const callForm = z.object({
  ...{ fecha: text, dias: text, hora: text, servicio: text, nombre: text, telefono: text, cita: text },
  clave: text,
  bot: z.literal("on").optional().catch(undefined),
});
export type CallForm = z.output<typeof callForm>;
export type CallField = Exclude<keyof CallForm, "clave" | "bot">;

/** The fields of each tool's form, in their order. */
export const fieldsOf: Readonly<Record<ToolName, readonly CallField[]>> = {
  get_available_slots: ["fecha", "dias", "servicio"],
  book: ["fecha", "hora", "servicio", "nombre", "telefono"],
  list_bookings: ["telefono"],
  reschedule_booking: ["cita", "fecha", "hora", "telefono"],
  cancel_booking: ["cita", "telefono"],
  get_business_info: [],
};

export type ToolCall = {
  /** The JSON-RPC request. */
  readonly body: object;
  readonly attendeePhone: string | undefined;
};

/** The request that an agent would send. What is empty is left out. */
export function toToolCall(tool: ToolName, form: CallForm): ToolCall {
  const given = Object.entries(argumentsOf(tool, form)).filter(
    ([, value]) => value !== "" && value !== undefined,
  );
  return {
    body: {
      ...{ jsonrpc: "2.0", id: 1, method: "tools/call" },
      params: { name: tool, arguments: Object.fromEntries(given) },
    },
    attendeePhone: form.bot === "on" && fieldsOf[tool].includes("telefono") ? form.telefono : undefined,
  };
}

function argumentsOf(tool: ToolName, form: CallForm): Record<string, unknown> {
  const { fecha, dias, hora, servicio, nombre, telefono, cita, clave, bot } = form;
  // A wall time: the calendar service knows the business's time zone.
  const start_iso = `${fecha}T${hora}`;
  switch (tool) {
    case "get_available_slots":
      return { date_iso: fecha, days: dias === "" ? undefined : Number(dias), service: servicio };
    case "book":
      return {
        ...{ start_iso, service: servicio, attendee_name: nombre, attendee_phone: telefono },
        // The page that is loaded again books once.
        idempotency_key: clave,
      };
    case "list_bookings":
      return { attendee_phone: bot === "on" ? undefined : telefono };
    case "reschedule_booking":
      return { booking_id: cita, start_iso };
    case "cancel_booking":
      return { booking_id: cita };
    case "get_business_info":
      return {};
  }
}
