import { databaseExists, migrationState, openDatabase } from "@cita/database";
import { countConnected, findFailingCalendars, tokenStoreMigrations } from "@cita/token-store";
import { calendarProviders } from "../../apps/mcp-calendar/src/calendar-providers.ts";
import { defaultStateTiming } from "../../apps/mcp-calendar/src/calendar-states/apply-reading.ts";
import { createStateExplanations } from "../../apps/mcp-calendar/src/calendar-states/explain-state.ts";
import { calendarOpeners } from "../../apps/mcp-calendar/src/calendars/open-calendars.ts";
import type { ChecksLimit } from "../../apps/mcp-calendar/src/calendars/provider-calendar.ts";
import { type Config, serviceName } from "../../apps/mcp-calendar/src/config.ts";
import { type Finding, note, ok, problem } from "./finding.ts";

const maxNamed = 10;

/** Whether the connected calendars answer, by the states that the service has stored. Makes no request. */
export async function checkCalendars(config: Config): Promise<Finding[]> {
  try {
    if (!(await databaseExists(config.DATABASE_URL, { service: serviceName }))) return [];
    const db = openDatabase(config.DATABASE_URL, { service: serviceName, mustExist: true });
    try {
      const { pending } = await migrationState(db, tokenStoreMigrations);
      if (pending.length > 0) return [note("Calendars can be judged once the database is up to date.")];
      const failing: FailingCalendar[] = [];
      const intervals: Finding[] = [];
      let connected = 0;
      for (const [provider, opener] of Object.entries(calendarOpeners)) {
        const connectedHere = await countConnected(db, provider);
        connected += connectedHere;
        for (const calendar of await findFailingCalendars(db, provider))
          failing.push({ ...calendar, provider });
        intervals.push(...judgeInterval(connectedHere, opener.limitChecks(config)));
      }
      return [...judge(failing, connected), ...intervals];
    } finally {
      await db.destroy();
    }
  } catch {
    return [note("Calendars can be judged once the database can be used.")];
  }
}

type FailingCalendar = Awaited<ReturnType<typeof findFailingCalendars>>[number] & {
  readonly provider: string;
};

const { explainState } = createStateExplanations(calendarProviders, calendarOpeners);

function judge(failing: readonly FailingCalendar[], connected: number): Finding[] {
  if (failing.length === 0)
    return connected === 0 ? [] : [ok("No connected calendar is known not to answer.")];
  const named = failing.slice(0, maxNamed).map(({ customerId, provider, state }) => {
    const text = `The calendar of ${customerId} can't be used (${state.name}). ${explainState(provider, state)}`;
    return problem(text, "Its state changes by itself within 15 minutes after that is mended.");
  });
  const more = failing.length - named.length;
  if (more <= 0) return named;
  const todo = "GET /v1/customer-calendars of admin-api tells calendar_state of each.";
  return [...named, problem(`${more} more calendars can't be used.`, todo)];
}

/** A check of a calendar takes at least one request. */
function judgeInterval(connected: number, { perMinute, variable }: ChecksLimit): Finding[] {
  const minutes = connected / perMinute;
  if (minutes <= defaultStateTiming.checkAfterMs / 60_000) return [];
  return [
    note(
      `With ${connected} calendars, those that nobody asks about are read every ${Math.ceil(minutes)} minutes: a tenth of ${variable} allows no more.`,
      `If your project's quota is higher by now, set ${variable} to it.`,
    ),
  ];
}
