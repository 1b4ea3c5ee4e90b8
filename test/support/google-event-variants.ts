import type { EventVariant, VariedEvents } from "./tested-provider.ts";

/** Stands for the address of the account whose calendar it is. */
const self = "self";

const invited = (answer: string, organizer = "stranger@example.com") => ({
  organizer: { email: organizer },
  attendees: [
    { email: "guest@example.com", responseStatus: "declined" },
    { email: self, responseStatus: answer },
  ],
});
const ownInvitation = (answer: string) => invited(answer, self);

/** Each way a Google event can be. The rules are Google's own: see `google/event-resource.ts`. */
const variants: readonly EventVariant[] = [
  { members: {}, effect: "blocks" },
  { members: { status: "tentative" }, effect: "unsettled" },
  { members: { status: "cancelled" }, effect: "nothing" },
  { members: { transparency: "transparent" }, effect: "nothing" },
  { members: invited("declined"), effect: "nothing" },
  { members: invited("tentative"), effect: "unsettled" },
  { members: invited("needsAction"), effect: "unsettled" },
  { members: invited("accepted"), effect: "blocks" },
  { members: ownInvitation("declined"), effect: "nothing" },
  { members: ownInvitation("tentative"), effect: "unsettled" },
  { members: ownInvitation("needsAction"), effect: "blocks" },
  { members: ownInvitation("accepted"), effect: "blocks" },
  { members: { ...invited("needsAction"), status: "cancelled" }, effect: "nothing" },
  { members: { ...invited("needsAction"), transparency: "transparent" }, effect: "nothing" },
  { members: { ...invited("accepted"), status: "tentative" }, effect: "unsettled" },
  { members: { eventType: "outOfOffice" }, effect: "blocks", isTimed: true },
  { members: { eventType: "focusTime" }, effect: "blocks", isTimed: true },
  {
    members: { eventType: "workingLocation", visibility: "public", transparency: "transparent" },
    ...{ effect: "nothing", isTimed: true },
  },
];

export const googleEvents: VariedEvents = {
  variants,
  // As some imports write a single day.
  hasDaysWithoutLength: true,
  write: ({ weekly, ...times }, { members }, { email }) => ({
    ...{ summary: "x", ...times },
    ...(JSON.parse(JSON.stringify(members).replaceAll(`"${self}"`, `"${email}"`)) as object),
    ...(weekly > 1 && { recurrence: [`RRULE:FREQ=WEEKLY;COUNT=${weekly}`] }),
  }),
};
