import { randomUUID } from "node:crypto";
import type { calendar_v3 } from "@googleapis/calendar";
import { z } from "zod";
import type { OwnEventCall } from "../assemble-calendar.ts";
import {
  CalendarError,
  type EventMove,
  type EventVersion,
  type Invitation,
  type NewEvent,
  type OwnEvent,
  type OwnEventKey,
  type Removal,
  type RetiredEvent,
  type WrittenEvent,
} from "../calendar.ts";
import {
  addAttendee,
  invitableEventFields,
  ownEventFields,
  toEventTimes,
  toGoogleEvent,
  toGoogleId,
  toOwnEvent,
  toPlaceholder,
} from "./event-resource.ts";
import { dailyQuotaReason, httpStatus, unreadableAnswer } from "./failures.ts";
import type { GoogleCall } from "./google-api.ts";

type EventCall = OwnEventCall<GoogleCall>;

const calendarId = "primary";

/** @see `Calendar.insertEvent`, and so on for each of these. */
export async function insertEvent(from: EventCall, event: NewEvent): Promise<WrittenEvent> {
  const resource = toGoogleEvent(event);
  const eventId = toGoogleId({ ...event, eventId: null });
  const meetLink = await sendInsert(from, resource, {
    ...(event.withMeetLink && { conferenceDataVersion: 1 }),
  });
  if (meetLink !== undefined || !event.withMeetLink) return { eventId, meetLink: meetLink ?? null };
  const earlier = await findEvent(from, { ...event, eventId }, event.timeZone);
  return { eventId, meetLink: earlier.kind === "found" ? earlier.meetLink : null };
}

/** How often inviting is tried when the event changes between its reading and the patch. */
const maxInvitationAttempts = 3;

/**
 * Adds a guest to the event as it was read. Two attempts with the same version can't both arrive, so nobody is mailed
 * twice.
 */
export async function inviteAttendee(from: EventCall, invitation: Invitation): Promise<boolean> {
  let mayArrive = false;
  for (let attempts = 1; attempts <= maxInvitationAttempts; attempts++) {
    const found = await sendGet(from, invitation.eventId, invitableEventFields);
    if ("kind" in found) {
      if (found.kind === "gone") return false;
      // "Not found" may pass.
      throw new CalendarError("calendar_unavailable", "the event to invite to is not found");
    }
    const event = toOwnEvent(found.data, "UTC", invitation);
    if (event.kind !== "found") return false;
    const attendees = addAttendee(found.data, invitation);
    if (attendees === undefined) return true;
    try {
      if (await sendPatch(from, event, { requestBody: { attendees }, sendUpdates: "all" })) return true;
    } catch (error) {
      if (!(error instanceof CalendarError)) throw error;
      // After an attempt without an answer, the refusal of a later one counts only once the first can't arrive any more.
      mayArrive ||= error.outcomeUnknown;
      if (isInvitationRefused(error)) {
        if (!mayArrive || (await touchEvent(from, event))) return false;
      } else if (!error.outcomeUnknown || attempts === maxInvitationAttempts) throw error;
    }
  }
  throw new CalendarError("calendar_unavailable", "the event keeps being changed");
}

export async function findEvent(from: EventCall, event: OwnEventKey, timeZone: string): Promise<OwnEvent> {
  const found = await sendGet(from, toGoogleId(event), ownEventFields);
  return "kind" in found ? found : toOwnEvent(found.data, timeZone, event);
}

export function moveEvent(from: EventCall, move: EventMove): Promise<boolean> {
  return withMail((sendUpdates) =>
    sendPatch(from, move, { requestBody: toEventTimes(move, move.timeZone), sendUpdates }),
  );
}

export function touchEvent(from: EventCall, event: EventVersion): Promise<boolean> {
  const requestBody = { extendedProperties: { private: { cita_touched: randomUUID() } } };
  return sendPatch(from, event, { requestBody, sendUpdates: "none" });
}

export async function removeEvent(from: EventCall, event: EventVersion): Promise<Removal> {
  const refused = await withMail((sendUpdates) => sendDelete(from, event, sendUpdates));
  if (refused === undefined) return "removed";
  return refused === 412 ? "changed" : "absent";
}

export async function retireEvent(from: EventCall, event: RetiredEvent): Promise<void> {
  const remove = () =>
    withMail((sendUpdates) => sendDelete(from, { eventId: toGoogleId(event) }, sendUpdates));
  if ((await remove()) !== 404) return;
  // An id that was deleted stays taken: a later insert is answered 409.
  await sendInsert(from, toPlaceholder(event), { sendUpdates: "none" });
  if ((await remove()) === 404) throw unreadableAnswer();
}

type SendUpdates = "all" | "none";

/** Sends a change with mail to the guests. Where Google sends no more mail today, the change is sent without it. */
async function withMail<T>(send: (sendUpdates: SendUpdates) => Promise<T>): Promise<T> {
  try {
    return await send("all");
  } catch (error) {
    if (!(error instanceof CalendarError) || !isMailRefused(error)) throw error;
    return retryWithoutMail(error, () => send("none"));
  }
}

/**
 * A first attempt without a response may have been done or may still arrive. The event's id or version lets only one of
 * the two through, and a failure of the second leaves the first one's outcome unknown.
 */
async function retryWithoutMail<T>(first: CalendarError, send: () => Promise<T>): Promise<T> {
  try {
    return await send();
  } catch (error) {
    // `beforeAttempt` throws subclasses, which the caller gets unchanged.
    if (!first.outcomeUnknown || !(error instanceof CalendarError) || error.constructor !== CalendarError)
      throw error;
    const { code, reason, problem } = error;
    throw new CalendarError(code, reason, { cause: error, problem, outcomeUnknown: true });
  }
}

/** Whether the account has invited too many people today. @see https://support.google.com/a/answer/2905486 */
function isMailRefused({ reason }: CalendarError): boolean {
  return reason === dailyQuotaReason;
}

/** Whether Google refuses the address, or any invitation today. Other refusals may pass. */
function isInvitationRefused(error: CalendarError): boolean {
  if (isMailRefused(error)) return true;
  return httpStatus(error.cause) === 400 && error.reason === "400 invalid";
}

/** @returns the event's Meet link; undefined where an earlier attempt has inserted the event. */
function sendInsert(
  { call, ...from }: EventCall,
  event: calendar_v3.Schema$Event,
  params: Pick<calendar_v3.Params$Resource$Events$Insert, "sendUpdates" | "conferenceDataVersion">,
): Promise<string | null | undefined> {
  return call({
    ...{ ...from, safety: "repeatable" },
    async send(google, options) {
      try {
        const body = { calendarId, requestBody: event, fields: "id,hangoutLink", ...params };
        const { data } = await google.events.insert(body, options);
        expectNamed(data, event.id);
        return data.hangoutLink ?? null;
      } catch (error) {
        // Nobody else uses this id, so the event that has it is this one.
        if (httpStatus(error) !== 409) throw error;
        return undefined;
      }
    },
  });
}

function sendGet(
  { call, customerId, callOptions: { reservation } }: EventCall,
  eventId: string,
  fields: string,
): Promise<{ data: unknown } | { kind: "gone" | "unknown" }> {
  return call({
    ...{ customerId, safety: "repeatable", callOptions: { reservation } },
    async send(google, options) {
      try {
        const { data } = await google.events.get({ calendarId, eventId, fields }, options);
        return { data };
      } catch (error) {
        const status = httpStatus(error);
        if (status === 410) return { kind: "gone" };
        if (status === 404) return { kind: "unknown" };
        throw error;
      }
    },
  });
}

/** @returns false where the event has another version, or is gone. */
function sendPatch(
  { call, ...from }: EventCall,
  { eventId, version }: EventVersion,
  params: Pick<calendar_v3.Params$Resource$Events$Patch, "requestBody" | "sendUpdates">,
): Promise<boolean> {
  return call({
    ...{ ...from, safety: "once" },
    async send(google, options) {
      try {
        const headers = { ...options.headers, "if-match": version };
        const body = { calendarId, eventId, fields: "id", ...params };
        const { data } = await google.events.patch(body, { ...options, headers });
        expectNamed(data, eventId);
        return true;
      } catch (error) {
        if (![404, 410, 412].includes(httpStatus(error) ?? 0)) throw error;
        return false;
      }
    },
  });
}

/** @returns the status that says why nothing was removed; undefined: it was. */
function sendDelete(
  { call, ...from }: EventCall,
  { eventId, version }: { eventId: string; version?: string },
  sendUpdates: SendUpdates,
): Promise<404 | 410 | 412 | undefined> {
  return call({
    ...{ ...from, safety: "repeatable" },
    async send(google, options) {
      try {
        const headers = { ...options.headers, ...(version !== undefined && { "if-match": version }) };
        const params = { calendarId, eventId, sendUpdates };
        const { data }: { data: unknown } = await google.events.delete(params, { ...options, headers });
        // Google's response has no body. A response with one is a proxy's.
        if (data) throw unreadableAnswer();
        return undefined;
      } catch (error) {
        const status = httpStatus(error);
        if (status !== 404 && status !== 410 && status !== 412) throw error;
        return status;
      }
    },
  });
}

const namedEvent = z.object({ id: z.string() });

/** Expects the event's id in the response: otherwise nothing shows that the write was done. */
function expectNamed(data: unknown, eventId: string | null | undefined): void {
  if (namedEvent.safeParse(data).data?.id !== eventId) throw unreadableAnswer();
}
