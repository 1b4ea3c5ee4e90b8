import type { AgentKeyAudience } from "@cita/calendar-api";
import type { AttendeeProblem, NamedAttendee } from "./attendee-headers.ts";
import { attendeeTools, type BoundAttendee } from "./bound-attendee.ts";

export type AttendeeQuestion = {
  readonly customerId: string | undefined;
  readonly audience: AgentKeyAudience;
  readonly named: NamedAttendee;
  readonly body: unknown;
};

/** Whether the phone number and the reference belong to two persons, by the appointments ahead. */
export type HasConflictingIds = (customerId: string, person: BoundAttendee) => Promise<boolean>;

/**
 * Why the headers of a request don't say whom it is for. That no person is named is a problem only for tools that
 * reach appointments: hosts list tools, and ask what is free, before anybody has written.
 * @returns undefined where nothing is wrong.
 */
export async function findAttendeeProblem(
  hasConflictingIds: HasConflictingIds,
  { customerId, audience, named, body }: AttendeeQuestion,
): Promise<AttendeeProblem | undefined> {
  if (named.kind === "problem") return named.problem;
  if (!reachesAppointments(body)) return undefined;
  if (named.kind === "blank") return blank;
  if (named.kind === "nobody") return audience === "attendee" ? required : undefined;
  if (customerId === undefined || !(await hasConflictingIds(customerId, named.person))) return undefined;
  return conflict;
}

function reachesAppointments(body: unknown): boolean {
  const { method, params } = (body ?? {}) as { method?: unknown; params?: { name?: unknown } | null };
  return method === "tools/call" && typeof params?.name === "string" && attendeeTools.has(params.name);
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
