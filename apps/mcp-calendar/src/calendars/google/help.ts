import type { CalendarHelp, Refusal } from "../provider-calendar.ts";

const mendApi: Refusal = {
  obstacle: "not_set_up",
  description: "The Google Calendar API isn't switched on in the Google Cloud project of our own client.",
  remedy: "Enable it there, under APIs & Services: no business can mend this.",
};
const mendAccount: Refusal = {
  obstacle: "other",
  description: "The business's Google account is closed, suspended or not verified.",
  remedy: "The business has to mend that with Google, or connect another account.",
};

const refusals: ReadonlyMap<string, Refusal> = new Map([
  [
    "notACalendarUser",
    {
      obstacle: "no_calendar",
      description: "The business's Google account doesn't use Google Calendar.",
      remedy: "The business has to open calendar.google.com once with this account, or connect another one.",
    },
  ],
  [
    "domainPolicy",
    {
      obstacle: "blocked_by_organisation",
      description: "The administrator of the business's Google Workspace doesn't let apps use the calendar.",
      remedy:
        "The administrator has to allow this app (Admin console, Security, API controls), or the business connects another account.",
    },
  ],
  ["accessNotConfigured", mendApi],
  ["SERVICE_DISABLED", mendApi],
  ["accountDeleted", mendAccount],
  ["accountDisabled", mendAccount],
  ["accountUnverified", mendAccount],
]);

/** What helps where a Google calendar can't be read. */
export const googleHelp: CalendarHelp = {
  calendarPage: "calendar.google.com",
  statusPage: "https://www.google.com/appsstatus/dashboard",
  refusals,
};
