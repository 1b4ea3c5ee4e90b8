import type { calendar_v3 } from "@googleapis/calendar";

type Event = calendar_v3.Schema$Event;

/** An e-mail that Google would have sent to a guest. */
export type Mail = {
  readonly to: string;
  readonly event_id: string;
  readonly about: "invitation" | "update" | "cancellation";
};

/**
 * The e-mails about a write with `sendUpdates=all`.
 * @param before the event before the write; undefined: it was made.
 * https://developers.google.com/workspace/calendar/api/v3/reference/events/patch
 */
export function mailsAbout(eventId: string, before: Event | undefined, after: Event): Mail[] {
  const invited = guestsOf(before);
  const guests = after.status === "cancelled" ? [] : guestsOf(after);
  const mail = (to: string, about: Mail["about"]): Mail => ({ to, event_id: eventId, about });
  return [
    ...guests.map((to) => mail(to, invited.includes(to) ? "update" : "invitation")),
    ...invited.filter((to) => !guests.includes(to)).map((to) => mail(to, "cancellation")),
  ];
}

function guestsOf(event: Event | undefined): string[] {
  return (event?.attendees ?? []).flatMap(({ email, self }) => (email && !self ? [email] : []));
}
