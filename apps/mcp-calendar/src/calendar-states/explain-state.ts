import type { Provider } from "@cita/providers";
import type { CalendarObstacle, CalendarState } from "@cita/token-store";
import type { CalendarOpeners } from "../calendars/open-calendars.ts";
import type { CalendarHelp, ProblemExplanation } from "../calendars/provider-calendar.ts";

/** The state of a calendar in sentences for the admin: what it means, since when, and what to do. */
export type ExplainState = (provider: string, state: CalendarState) => string;

/** A problem that a calendar has, in a sentence, and what mends it. */
export type ExplainProblem = (provider: string, problem: ProblemState) => ProblemExplanation;

/** What a problem means for the account, whoever provides it. */
export type FindObstacle = (provider: string, problem: Pick<CalendarState, "reason">) => CalendarObstacle;

/** Explains states and problems in the words of each calendar's provider. */
export function createStateExplanations(providers: readonly Provider[], openers: CalendarOpeners) {
  const wordsOf = (provider: string): ProviderWords => {
    const definition = providers.find(({ id }) => id === provider);
    const { name = "The provider", clientVariables = [] } = definition ?? {};
    const { help = noHelp } = openers[provider] ?? {};
    return { ...help, name, refusedClient: explainRefusedClient(name, clientVariables[0]) };
  };
  const explainState: ExplainState = (provider, state) => describeState(state, wordsOf(provider));
  const findObstacle: FindObstacle = (provider, { reason }) =>
    openers[provider]?.help.refusals.get(reason ?? "")?.obstacle ?? "other";
  const explainProblem: ExplainProblem = (provider, problem) => describeProblem(problem, wordsOf(provider));
  return { explainState, explainProblem, findObstacle };
}

type ProviderWords = CalendarHelp & { readonly name: string; readonly refusedClient: ProblemExplanation };

const noHelp: CalendarHelp = { calendarPage: null, statusPage: null, refusals: new Map() };

function explainRefusedClient(
  name: string,
  variables: { readonly id: string; readonly secret: string } | undefined,
): ProblemExplanation {
  const check = variables === undefined ? "its variables" : `${variables.id} and ${variables.secret}`;
  return {
    description: `${name} doesn't accept our own OAuth client.`,
    remedy: `Check ${check}: no business can mend this.`,
  };
}

function describeState(state: CalendarState, words: ProviderWords): string {
  const { name, since } = state;
  if (name === "ok") return "The calendar can be read.";
  if (name === "unknown") return "The calendar hasn't been read since the business connected it.";
  const { description, remedy } = describeProblem({ ...state, name }, words);
  return `${description} ${remedy}${since === null ? "" : ` It has been so since ${formatMoment(since)}.`}`;
}

/** For a connection that was lost, whose calendar can't be read. */
export const notReadNow = "The calendar isn't read until the business has connected it again.";

type ProblemState = Pick<CalendarState, "calendar" | "reason"> & {
  readonly name: Exclude<CalendarState["name"], "ok" | "unknown">;
};

function describeProblem(problem: ProblemState, words: ProviderWords): ProblemExplanation {
  switch (problem.name) {
    case "refused":
      return explainRefusal(problem, words);
    case "not_found":
      return explainMissing(problem, words);
    case "unreadable":
      return explainUnreadable(problem);
    case "unreachable":
      return {
        description: `${words.name} gives no usable answer for this calendar (${problem.reason ?? "unknown"}).`,
        remedy: `If it is so for many, look at ${words.statusPage ?? "what the provider says of its service"}; if for this business alone, ask it whether its calendar opens in a browser.`,
      };
  }
}

function explainRefusal(
  { calendar, reason }: ProblemState,
  { name, refusals, refusedClient }: ProviderWords,
): ProblemExplanation {
  if (reason === "refresh_misconfigured") return refusedClient;
  const known = reason === null ? undefined : refusals.get(reason);
  if (known !== undefined && calendar === null) return known;
  const word = reason ?? "no reason";
  if (calendar === null) {
    return {
      description: `${name} refuses to let the calendar be read (${word}).`,
      remedy: "The business has to look whether its calendar opens in a browser, and connect it again.",
    };
  }
  return {
    description: `The connected account may not read the calendar ${calendar}, which busy_calendars names (${name} says ${word}).`,
    remedy:
      "The business has to share it with that account, with all event details, or you take it out of busy_calendars.",
  };
}

function explainMissing(
  { calendar }: ProblemState,
  { name, calendarPage }: ProviderWords,
): ProblemExplanation {
  if (calendar === null || calendar === "primary") {
    return {
      description: `${name} says that the account has no primary calendar.`,
      remedy: `The business has to open ${calendarPage ?? "its calendar"} with this account, or connect another one.`,
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
