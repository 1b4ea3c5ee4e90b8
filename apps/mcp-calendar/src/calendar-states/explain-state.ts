import type { CalendarState } from "@cita/token-store";

/** The state of a calendar in sentences for the admin: what it means, since when, and what to do. */
export function explainState(state: CalendarState): string {
  const { name, since } = state;
  if (name === "ok") return "The calendar can be read.";
  if (name === "unknown") return "The calendar hasn't been read since the business connected it.";
  const { description, remedy } = explainProblem({ ...state, name });
  return `${description} ${remedy}${since === null ? "" : ` It has been so since ${formatMoment(since)}.`}`;
}

/** For a connection that was lost, whose calendar can't be read. */
export const notReadNow = "The calendar isn't read until the business has connected it again.";

type ProblemState = Pick<CalendarState, "calendar" | "reason"> & {
  readonly name: Exclude<CalendarState["name"], "ok" | "unknown">;
};

/** A problem in a sentence, and what mends it. */
export type ProblemExplanation = { readonly description: string; readonly remedy: string };

export function explainProblem(problem: ProblemState): ProblemExplanation {
  switch (problem.name) {
    case "refused":
      return explainRefusal(problem);
    case "not_found":
      return explainMissing(problem);
    case "unreadable":
      return explainUnreadable(problem);
    case "unreachable":
      return {
        description: `Google gives no usable answer for this calendar (${problem.reason ?? "unknown"}).`,
        remedy:
          "If it is so for many, look at https://www.google.com/appsstatus/dashboard; if for this business alone, ask it whether its calendar opens in a browser.",
      };
  }
}

function explainRefusal({ calendar, reason }: ProblemState): ProblemExplanation {
  const known = reason === null ? undefined : refusals.get(reason);
  if (known !== undefined && calendar === null) return known;
  const word = reason ?? "no reason";
  if (calendar === null) {
    return {
      description: `Google refuses to let the calendar be read (${word}).`,
      remedy: "The business has to look whether its calendar opens in a browser, and connect it again.",
    };
  }
  return {
    description: `The connected account may not read the calendar ${calendar}, which busy_calendars names (Google says ${word}).`,
    remedy:
      "The business has to share it with that account, with all event details, or you take it out of busy_calendars.",
  };
}

const mendApi = {
  description: "The Google Calendar API isn't switched on in the Google Cloud project of our own client.",
  remedy: "Enable it there, under APIs & Services: no business can mend this.",
};
const mendAccount = {
  description: "The business's Google account is closed, suspended or not verified.",
  remedy: "The business has to mend that with Google, or connect another account.",
};

const refusals: ReadonlyMap<string, ProblemExplanation> = new Map([
  [
    "notACalendarUser",
    {
      description: "The business's Google account doesn't use Google Calendar.",
      remedy: "The business has to open calendar.google.com once with this account, or connect another one.",
    },
  ],
  [
    "domainPolicy",
    {
      description: "The administrator of the business's Google Workspace doesn't let apps use the calendar.",
      remedy:
        "The administrator has to allow this app (Admin console, Security, API controls), or the business connects another account.",
    },
  ],
  ["accessNotConfigured", mendApi],
  ["SERVICE_DISABLED", mendApi],
  [
    "refresh_misconfigured",
    {
      description: "Google doesn't accept our own OAuth client.",
      remedy: "Check GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET: no business can mend this.",
    },
  ],
  ["accountDeleted", mendAccount],
  ["accountDisabled", mendAccount],
  ["accountUnverified", mendAccount],
]);

function explainMissing({ calendar }: ProblemState): ProblemExplanation {
  if (calendar === null || calendar === "primary") {
    return {
      description: "Google says that the account has no primary calendar.",
      remedy: "The business has to open calendar.google.com with this account, or connect another one.",
    };
  }
  return {
    description: `There is no calendar ${calendar}, which busy_calendars names, that the connected account may read.`,
    remedy:
      "It was deleted or isn't shared any more: have it shared with the account, or take it out of busy_calendars.",
  };
}

function explainUnreadable({ calendar, reason }: ProblemState): ProblemExplanation {
  const where = calendar === null || calendar === "primary" ? "the calendar" : `the calendar ${calendar}`;
  if (reason === "time zone") {
    return {
      description: `The time zone of ${where} isn't known here.`,
      remedy: "The business has to choose another one in the settings of its calendar.",
    };
  }
  if (reason === "too many events") {
    return {
      description: `There are more events in ${where} than can be read.`,
      remedy: "A program fills it: the business has to find out which, and remove what it wrote.",
    };
  }
  return {
    description: `One event in ${where} can't be read (${reason ?? "event"}), so nobody knows which time it takes, and on the days around it nothing is offered or booked.`,
    remedy: "The business has to open it in its calendar and save it again, or delete it.",
  };
}

function formatMoment(at: Date): string {
  return Number.isNaN(at.getTime())
    ? "an unknown time"
    : `${at.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
