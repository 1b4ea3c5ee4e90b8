import { unreadableArguments } from "@cita/mcp-endpoint";

/**
 * The text for an argument that a tool doesn't have, with the one that was probably meant.
 * @param quoted the name as it is shown: JSON, cut to length.
 * @param known the tool's own arguments.
 */
export function explainUnknown(name: string, quoted: string, known: readonly string[]): string {
  if (name === unreadableArguments) return `the arguments must be one JSON object, ${exampleOf(known)}`;
  const missing = `there is no argument ${quoted}`;
  const words = splitWords(name.slice(0, maxNameLength));
  const meant = findMeant(words, known);
  if (meant.length > 0) return `${missing}: did you mean ${meant.join(" or ")}?`;
  const remark = remarks.find(([word]) => words.includes(word))?.[1];
  if (remark !== undefined) return `${missing}: ${remark}`;
  return known.length === 0 ? `${missing}: leave it out, this tool takes none` : missing;
}

function exampleOf(known: readonly string[]): string {
  const [first] = known;
  return first === undefined ? "which is {} for this tool" : `such as {${JSON.stringify(first)}: …}`;
}

/** Characters of a name that are searched for words. */
const maxNameLength = 60;

/** The words of `serviceId`, `service-id` or `Service ID`, synonyms replaced by the word that arguments here use. */
function splitWords(name: string): string[] {
  const words = name
    .replaceAll(/(?<=[a-z])(?=[A-Z])/g, " ")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "");
  return words.map((word) => synonyms.get(word) ?? word);
}

const synonyms = new Map(
  Object.entries({
    attendee: ["customer", "client", "guest", "patient", "contact", "user", "cliente", "paciente"],
    phone: ["telephone", "tel", "mobile", "cell", "whatsapp", "telefono", "teléfono", "celular", "telefone"],
    email: ["mail", "correo"],
    name: ["fullname", "nombre", "nome"],
    booking: ["appointment", "event", "reservation", "cita", "reserva", "agendamento"],
    start: ["time", "datetime", "slot", "hora", "when", "starttime", "begin"],
    date: ["day", "fecha", "dia", "data"],
    duration: ["length", "duracion", "duração"],
    notes: ["note", "comment", "comments", "description", "notas", "reason", "message"],
    service: ["servicio", "serviço", "treatment"],
    idempotency: ["request", "dedupe"],
    timezone: ["tz", "zone", "offset"],
    end: ["until", "endtime", "finish"],
    from: ["since", "desde"],
    to: ["hasta", "through"],
    days: ["range"],
  }).flatMap(([word, others]) => others.map((other) => [other, word])),
);

/** Words in the names of several arguments: they don't show which one is meant. */
const vague = new Set(["iso", "minutes", "attendee", "id", "key", "to", "in"]);

/** Names that mean one argument although they have no distinctive word in common. */
const wholeNames: readonly (readonly [name: string, argument: string])[] = [
  ["id", "booking_id"],
  ["date", "from"],
  ["start_date", "from"],
  ["attendee", "attendee_name"],
];

function findMeant(words: readonly string[], known: readonly string[]): string[] {
  if (words.includes("timezone")) return [];
  if (words.includes("end")) return known.filter((name) => ["to", "days", "duration_minutes"].includes(name));
  // The first distinctive word decides: `service_name` means the service, not a name.
  for (const word of words.filter((each) => !vague.has(each))) {
    const sharing = known.filter((name) => name.split("_").includes(word));
    if (sharing.length > 0) return sharing;
  }
  return known.filter((name) =>
    wholeNames.some(([whole, meant]) => whole === words.join("_") && meant === name),
  );
}

/** The text where no argument is meant. */
const remarks: readonly (readonly [word: string, remark: string])[] = [
  ["timezone", "leave it out, dates and times are the business's own and times carry their offset"],
  ["end", "leave it out, the service says how long it takes"],
  ["business", "leave it out, the connection says which business it is"],
  ["calendar", "leave it out, the connection says which business it is"],
  ["attendee", "leave it out, the connection says for whom it is"],
];
