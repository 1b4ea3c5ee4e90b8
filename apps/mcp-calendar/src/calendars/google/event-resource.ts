import type { Interval } from "@cita/scheduling";
import type { calendar_v3 } from "@googleapis/calendar";
import { z } from "zod";
import type { NewEvent, OwnEvent, RetiredEvent } from "../calendar.ts";
import { googleEvent, toBusyTimes } from "./busy-times.ts";
import { unreadableAnswer } from "./failures.ts";

/** An event of ours as Google returns it. */
const ownEvent = googleEvent.extend({
  etag: z.string().min(1),
  hangoutLink: z.string().nullish(),
  recurrence: z.array(z.string()).nullish(),
  extendedProperties: z.object({ private: z.record(z.string(), z.string()).nullish() }).nullish(),
});
export const ownEventFields = "id,etag,status,start,end,hangoutLink,recurrence,extendedProperties/private";

/** On every event of ours, and on no other: an event without it is never touched. */
const ownProperty = "cita_booking_id";

/** @throws CalendarError */
export function toOwnEvent(data: unknown, timeZone: string): OwnEvent {
  const event = ownEvent.safeParse(data);
  if (!event.success) throw unreadableAnswer(event.error);
  const { status, etag, hangoutLink, recurrence, extendedProperties } = event.data;
  if (status === "cancelled") return { kind: "gone" };
  if (extendedProperties?.private?.[ownProperty] === undefined) return { kind: "unknown" };
  // An event that was marked as free or declined by hand is still an appointment.
  const [time] = toBusyTimes([{ ...event.data, transparency: null, attendees: null }], timeZone, "primary");
  if (time === undefined) return { kind: "unknown" };
  return {
    kind: "found",
    start: time.start,
    end: time.end,
    version: etag,
    meetLink: hangoutLink ?? null,
    recurring: (recurrence?.length ?? 0) > 0,
  };
}

export function toGoogleEvent(event: NewEvent): calendar_v3.Schema$Event {
  return {
    id: event.id,
    summary: event.title,
    description: event.description,
    ...toEventTimes(event, event.timeZone),
    ...ownMark(event),
    ...(event.invite && { attendees: [{ email: event.invite.email, displayName: event.invite.name }] }),
    ...(event.withMeetLink && {
      conferenceData: {
        createRequest: { requestId: event.bookingId, conferenceSolutionKey: { type: "hangoutsMeet" } },
      },
    }),
  };
}

/** An event that takes up no time, to be deleted at once: its id can't be used again. */
export function toPlaceholder(event: RetiredEvent): calendar_v3.Schema$Event {
  return {
    id: event.id,
    ...toEventTimes(event, event.timeZone),
    ...ownMark(event),
    transparency: "transparent",
    visibility: "private",
    reminders: { useDefault: false },
  };
}

export function toEventTimes({ start, end }: Interval, timeZone: string) {
  return {
    start: { dateTime: new Date(start).toISOString(), timeZone },
    end: { dateTime: new Date(end).toISOString(), timeZone },
  };
}

function ownMark({ bookingId }: { bookingId: string }) {
  return { extendedProperties: { private: { [ownProperty]: bookingId } } };
}
