import type { AgentKeyAudience } from "@cita/calendar-api";
import { parsePhoneNumber } from "@cita/phone-numbers";
import type { FastifyRequest } from "fastify";
import { headerOf } from "./headers.ts";
import type { BoundAttendee } from "./tool.ts";
import { isUnfilledReference } from "./tool-arguments.ts";

/** Why a request is refused. The message is for the caller's programmer; models never see it. */
export type AttendeeProblem = {
  readonly code: "attendee_required" | "attendee_invalid" | "attendee_conflict";
  readonly message: string;
  /** The header it is about. */
  readonly header?: string;
};

/** The attendee whom the headers of a request name. */
export type NamedAttendee =
  | { readonly kind: "nobody" }
  /** The headers are empty: the program hasn't filled in a variable. */
  | { readonly kind: "blank" }
  | { readonly kind: "attendee"; readonly attendee: BoundAttendee }
  | { readonly kind: "problem"; readonly problem: AttendeeProblem };

const phoneHeader = "X-Attendee-Phone";
const refHeader = "X-Attendee-Ref";
const maxRefLength = 200;

/** Whether a request has any of the headers, even an empty one. */
export function namesAttendee({ headers }: FastifyRequest): boolean {
  return headers["x-attendee-phone"] !== undefined || headers["x-attendee-ref"] !== undefined;
}

/** Reads the headers that name the attendee a request is for. */
export function readAttendee(request: FastifyRequest): NamedAttendee {
  if (!namesAttendee(request)) return { kind: "nobody" };
  // Node, and some programs and proxies, join a repeated header with commas. A reference may contain one, but no space.
  const phone = readOne(phoneHeader, valuesOf(request, phoneHeader, /,/), readPhone);
  if (phone !== null && "problem" in phone) return phone;
  const ref = readOne(refHeader, valuesOf(request, refHeader, /,[ \t]+/), readRef);
  if (ref !== null && "problem" in ref) return ref;
  if (phone !== null) return { kind: "attendee", attendee: { phone: phone.value, ref: ref?.value ?? null } };
  return ref === null ? { kind: "blank" } : { kind: "attendee", attendee: { phone: null, ref: ref.value } };
}

type Value = { readonly value: string };
type Problem = Extract<NamedAttendee, { kind: "problem" }>;

function valuesOf(request: FastifyRequest, name: string, separator: RegExp): string[] {
  return (headerOf(request, name.toLowerCase()) ?? "")
    .split(separator)
    .map((value) => value.trim())
    .filter((value) => value !== "");
}

/** Bounds the work for a header that was repeated on purpose. */
const maxRepeats = 8;

/** @returns null where the header is missing or empty. */
function readOne(
  header: string,
  values: readonly string[],
  read: (text: string) => Value | Problem,
): Value | Problem | null {
  const found = values.slice(0, maxRepeats).map(read);
  const different = new Set(found.flatMap((one) => ("value" in one ? [one.value] : [])));
  const problem = found.find((one) => "problem" in one);
  if (problem !== undefined) return problem;
  if (different.size > 1 || values.length > maxRepeats) return refuse("attendee_conflict", header, twice);
  return found[0] ?? null;
}

const twice = "came twice with different values, and a call is for one person. Send it once.";

/** Channels send numbers with the country code: digits alone are an international number without its plus. */
function readPhone(text: string): Value | Problem {
  const written = /^[1-9]\d{6,14}$/.test(text) ? `+${text}` : text;
  const value = parsePhoneNumber(written);
  return value === undefined ? refuse("attendee_invalid", phoneHeader, noPhone) : { value };
}

const noPhone =
  "isn't a phone number with its country code, such as +57 300 123 4567 or WhatsApp's 573001234567. An id of a " +
  `channel that is no number belongs into ${refHeader}.`;

function readRef(text: string): Value | Problem {
  if (text.length > maxRefLength || !/^[\x21-\x7e]+$/.test(text))
    return refuse("attendee_invalid", refHeader, noRef);
  return isUnfilledReference(text) ? refuse("attendee_invalid", refHeader, leftover) : { value: text };
}

const noRef =
  `must be 1 to ${maxRefLength} visible ASCII characters without spaces: the channel's own id of the person, always ` +
  "the same one.";
const leftover =
  "holds what a variable leaves that wasn't filled in, and all people with it would be one. Send the channel's own " +
  "id of the person.";

function refuse(code: AttendeeProblem["code"], header: string, text: string): Problem {
  return { kind: "problem", problem: { code, message: `${header} ${text}`, header } };
}

/** Whether the phone number and the reference belong to two attendees, by the stored bookings. */
export type HasConflictingIds = (customerId: string, attendee: BoundAttendee) => Promise<boolean>;

export type AttendeeCheck = {
  readonly customerId: string | undefined;
  readonly audience: AgentKeyAudience;
  readonly named: NamedAttendee;
  /** Whether the request calls a tool with `reachesAttendees`. Hosts list tools before they know an attendee. */
  readonly reachesAttendees: boolean;
};

/** @returns why a request is refused for its attendee headers; undefined where it isn't. */
export async function findAttendeeProblem(
  hasConflictingIds: HasConflictingIds,
  { customerId, audience, named, reachesAttendees }: AttendeeCheck,
): Promise<AttendeeProblem | undefined> {
  if (named.kind === "problem") return named.problem;
  if (!reachesAttendees) return undefined;
  if (named.kind === "blank") return blank;
  if (named.kind === "nobody") return audience === "attendee" ? required : undefined;
  if (customerId === undefined || !(await hasConflictingIds(customerId, named.attendee))) return undefined;
  return conflict;
}

const remedy =
  "Send X-Attendee-Phone (the number the channel has verified) or X-Attendee-Ref (the channel's id of the person), " +
  "set by your program for each conversation and never by the model.";

const required: AttendeeProblem = {
  code: "attendee_required",
  message: `This agent key serves one person at a time, and the request doesn't say whom. ${remedy}`,
};

const blank: AttendeeProblem = {
  code: "attendee_required",
  message: `X-Attendee-Phone and X-Attendee-Ref are empty, so that it isn't known whom this call is for. ${remedy}`,
};

const conflict: AttendeeProblem = {
  code: "attendee_conflict",
  message:
    "X-Attendee-Phone and X-Attendee-Ref belong to two different persons, who both have appointments: is one of " +
    "them left over from another conversation? If both are right, send only the one that the channel has verified now.",
};
