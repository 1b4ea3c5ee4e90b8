import { randomUUID } from "node:crypto";
import type { Interval } from "@cita/scheduling";
import type { calendar_v3 } from "@googleapis/calendar";
import { z } from "zod";
import {
  type Calendar,
  CalendarError,
  type CallOptions,
  type NewEvent,
  type OwnEvent,
  type RetiredEvent,
} from "./calendar.ts";
import type { GoogleCall } from "./google-call.ts";
import { googleEvent } from "./google-event.ts";
import { googleStatus } from "./google-failure.ts";
import { toBusyTimes, unreadableAnswer } from "./unreadable-calendar.ts";

const ownEvent = googleEvent.extend({
  etag: z.string().min(1),
  hangoutLink: z.string().nullish(),
  recurrence: z.array(z.string()).nullish(),
  extendedProperties: z.object({ private: z.record(z.string(), z.string()).nullish() }).nullish(),
});
const ownEventFields = "id,etag,status,start,end,hangoutLink,recurrence,extendedProperties/private";

/** On every event of ours, and on no other: what doesn't carry it is not touched. */
const ownProperty = "cita_booking_id";

const calendarId = "primary";

type GoogleEvents = Pick<
  Calendar,
  "insertEvent" | "findEvent" | "moveEvent" | "touchEvent" | "removeEvent" | "retireEvent"
>;

/** The events that we make in a Google calendar, and what becomes of them. */
export function createGoogleEvents(google: calendar_v3.Calendar, call: GoogleCall): GoogleEvents {
  /** @returns the event's Meet link, or undefined where an earlier try has made it. */
  function insert(
    customerId: string,
    event: calendar_v3.Schema$Event,
    params: Pick<calendar_v3.Params$Resource$Events$Insert, "sendUpdates" | "conferenceDataVersion">,
    callOptions: CallOptions,
  ): Promise<string | null | undefined> {
    return call(customerId, "repeatable", callOptions, async (options) => {
      try {
        const body = { calendarId, requestBody: event, fields: "id,hangoutLink", ...params };
        const { data } = await google.events.insert(body, options);
        expectNamed(data, event.id);
        return data.hangoutLink ?? null;
      } catch (error) {
        // The id is ours alone: an event that is already there is this one.
        if (googleStatus(error) !== 409) throw error;
        return undefined;
      }
    });
  }

  function insertNew(customerId: string, event: NewEvent, callOptions: CallOptions) {
    const params = {
      ...(event.invite && { sendUpdates: "all" }),
      ...(event.withMeetLink && { conferenceDataVersion: 1 }),
    };
    return insert(customerId, toGoogleEvent(event), params, callOptions);
  }

  async function findEvent(
    customerId: string,
    eventId: string,
    timeZone: string,
    callOptions: CallOptions = {},
  ): Promise<OwnEvent> {
    const params = { calendarId, eventId, fields: ownEventFields };
    const data = await call(customerId, "repeatable", ofRead(callOptions), async (options) => {
      try {
        return (await google.events.get(params, options)).data;
      } catch (error) {
        const status = googleStatus(error);
        if (status === 410) return { kind: "gone" as const };
        if (status === 404) return { kind: "unknown" as const };
        throw error;
      }
    });
    return data.kind === "gone" || data.kind === "unknown" ? { kind: data.kind } : toOwnEvent(data, timeZone);
  }

  /** @returns false where the event has another version, or is gone. */
  function patch(
    customerId: string,
    { id, version }: { id: string; version: string },
    params: Pick<calendar_v3.Params$Resource$Events$Patch, "requestBody" | "sendUpdates">,
    callOptions: CallOptions,
  ): Promise<boolean> {
    return call(customerId, "once", callOptions, async (options) => {
      try {
        const headers = { ...options.headers, "if-match": version };
        const body = { calendarId, eventId: id, fields: "id", ...params };
        const { data } = await google.events.patch(body, { ...options, headers });
        expectNamed(data, id);
        return true;
      } catch (error) {
        if (![404, 410, 412].includes(googleStatus(error) ?? 0)) throw error;
        return false;
      }
    });
  }

  /** @returns the status that says why nothing was removed; undefined: it was. */
  function remove(
    customerId: string,
    { id, version }: { id: string; version?: string },
    sendUpdates: SendUpdates,
    callOptions: CallOptions,
  ): Promise<404 | 410 | 412 | undefined> {
    return call(customerId, "repeatable", callOptions, async (options) => {
      try {
        const headers = { ...options.headers, ...(version !== undefined && { "if-match": version }) };
        const params = { calendarId, eventId: id, sendUpdates };
        const { data }: { data: unknown } = await google.events.delete(params, { ...options, headers });
        // Google says nothing to it; whatever says something isn't Google.
        if (data) throw unreadableAnswer();
        return undefined;
      } catch (error) {
        const status = googleStatus(error);
        if (status !== 404 && status !== 410 && status !== 412) throw error;
        return status;
      }
    });
  }

  return {
    findEvent,

    async insertEvent(customerId, event, callOptions = {}) {
      let isInvited = event.invite === null ? null : true;
      const meetLink = await insertNew(customerId, event, callOptions).catch((error: unknown) => {
        if (event.invite === null || !isInvitationRefused(error)) throw error;
        isInvited = false;
        return secondTry(error, () => insertNew(customerId, { ...event, invite: null }, callOptions));
      });
      if (meetLink !== undefined || !event.withMeetLink) return { meetLink: meetLink ?? null, isInvited };
      const earlier = await findEvent(customerId, event.id, event.timeZone, callOptions);
      return { meetLink: earlier.kind === "standing" ? earlier.meetLink : null, isInvited };
    },

    moveEvent: (customerId, move, callOptions = {}) =>
      telling((sendUpdates) =>
        patch(customerId, move, { requestBody: toEdges(move, move.timeZone), sendUpdates }, callOptions),
      ),

    touchEvent(customerId, event, callOptions = {}) {
      const requestBody = { extendedProperties: { private: { cita_touched: randomUUID() } } };
      return patch(customerId, event, { requestBody, sendUpdates: "none" }, callOptions);
    },

    async removeEvent(customerId, event, callOptions = {}) {
      const refused = await telling((sendUpdates) => remove(customerId, event, sendUpdates, callOptions));
      if (refused === undefined) return "removed";
      return refused === 412 ? "changed" : "absent";
    },

    async retireEvent(customerId, event, callOptions = {}) {
      const removeIt = () =>
        telling((sendUpdates) => remove(customerId, { id: event.id }, sendUpdates, callOptions));
      if ((await removeIt()) !== 404) return;
      // An id that was deleted stays taken: whoever inserts it later is answered 409.
      await insert(customerId, toPlaceholder(event), { sendUpdates: "none" }, callOptions);
      if ((await removeIt()) === 404) throw unreadableAnswer();
    },
  };
}

type SendUpdates = "all" | "none";

/** Who was invited is told; where Google won't send any more mail today, the change is made all the same. */
async function telling<T>(send: (sendUpdates: SendUpdates) => Promise<T>): Promise<T> {
  try {
    return await send("all");
  } catch (error) {
    if (!isMailRefused(error)) throw error;
    return secondTry(error, () => send("none"));
  }
}

/**
 * The same without mail. A first attempt that got no answer may have been done, and may still arrive: the
 * event's id or version lets one of the two through, and a failure of the second says nothing of the first.
 */
async function secondTry<T>(first: CalendarError, send: () => Promise<T>): Promise<T> {
  try {
    return await send();
  } catch (error) {
    // A subclass is what `beforeAttempt` threw, which reaches the caller as it is.
    if (!first.outcomeUnknown || !(error instanceof CalendarError) || error.constructor !== CalendarError)
      throw error;
    const { code, reason, trouble } = error;
    throw new CalendarError(code, reason, { cause: error, trouble, outcomeUnknown: true });
  }
}

/** An account has invited too many today: https://support.google.com/a/answer/2905486 */
function isMailRefused(error: unknown): error is CalendarError {
  return error instanceof CalendarError && error.reason === "quotaExceeded";
}

/** An address that Google doesn't take, or no more invitations for today. Any other refusal is about the event. */
function isInvitationRefused(error: unknown): error is CalendarError {
  if (isMailRefused(error)) return true;
  if (!(error instanceof CalendarError) || googleStatus(error.cause) !== 400) return false;
  return error.reason === "400 invalid";
}

const namedEvent = z.object({ id: z.string() });

/** Only an answer that names the event says that anything was done to it. */
function expectNamed(data: unknown, eventId: string | null | undefined): void {
  if (namedEvent.safeParse(data).data?.id !== eventId) throw unreadableAnswer();
}

/** A reading needs no leave to be repeated. */
export function ofRead({ reservation }: CallOptions): CallOptions {
  return { reservation };
}

function toOwnEvent(data: unknown, timeZone: string): OwnEvent {
  const event = ownEvent.safeParse(data);
  if (!event.success) throw unreadableAnswer(event.error);
  const { status, etag, hangoutLink, recurrence, extendedProperties } = event.data;
  if (status === "cancelled") return { kind: "gone" };
  if (extendedProperties?.private?.[ownProperty] === undefined) return { kind: "unknown" };
  // Marked as free or declined by hand, the appointment still stands.
  const [time] = toBusyTimes([{ ...event.data, transparency: null, attendees: null }], timeZone, calendarId);
  if (time === undefined) return { kind: "unknown" };
  return {
    kind: "standing",
    start: time.start,
    end: time.end,
    version: etag,
    meetLink: hangoutLink ?? null,
    recurring: (recurrence?.length ?? 0) > 0,
  };
}

function toGoogleEvent(event: NewEvent): calendar_v3.Schema$Event {
  return {
    id: event.id,
    summary: event.title,
    description: event.description,
    ...toEdges(event, event.timeZone),
    ...ownMark(event),
    ...(event.invite && { attendees: [{ email: event.invite.email, displayName: event.invite.name }] }),
    ...(event.withMeetLink && {
      conferenceData: {
        createRequest: { requestId: event.bookingId, conferenceSolutionKey: { type: "hangoutsMeet" } },
      },
    }),
  };
}

/** It stands for a moment only, and blocks nothing. */
function toPlaceholder(event: RetiredEvent): calendar_v3.Schema$Event {
  return {
    id: event.id,
    ...toEdges(event, event.timeZone),
    ...ownMark(event),
    transparency: "transparent",
    visibility: "private",
    reminders: { useDefault: false },
  };
}

function ownMark({ bookingId }: { bookingId: string }) {
  return { extendedProperties: { private: { [ownProperty]: bookingId } } };
}

function toEdges({ start, end }: Interval, timeZone: string) {
  return {
    start: { dateTime: new Date(start).toISOString(), timeZone },
    end: { dateTime: new Date(end).toISOString(), timeZone },
  };
}
