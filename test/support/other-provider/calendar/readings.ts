import { dayMs } from "@cita/scheduling";
import { z } from "zod";
import type {
  CalendarReading,
  ReadCalendars,
} from "../../../../apps/mcp-calendar/src/calendars/assemble-calendar.ts";
import type { BusyQuestion, CallOptions } from "../../../../apps/mcp-calendar/src/calendars/calendar.ts";
import type { AgendaCall } from "./agenda-api.ts";
import { page, shownMembers, toBusyTimes, toWhen } from "./entry.ts";
import { unreadableCalendar } from "./failures.ts";

const settings = z.object({ ok: z.literal(true), zone: z.string().min(1) });

const maxPages = 20;
const pageAddress = "https://api.agenda.example/v2/view?";

export function createReadCalendars(call: AgendaCall): ReadCalendars {
  /** The zone is the account's, and no calendar says it. */
  const readZone = (customerId: string, callOptions: CallOptions) =>
    call({
      ...{ customerId, safety: "repeatable", callOptions, path: "/settings" },
      answer: settings.transform(({ zone }) => zone),
    });

  return async (question, callOptions) => {
    const { customerId, calendars } = question;
    const readings = new Map<string, CalendarReading>();
    const failures = new Map<string, unknown>();
    // Before the calendars: of several requests at once only one is the probe of an open breaker.
    const timeZone = await readZone(customerId, callOptions).catch((error: unknown) => {
      for (const id of calendars) failures.set(id, error);
    });
    if (timeZone === undefined) return { readings, failures };
    await Promise.all(
      calendars.map(async (calendarId) => {
        try {
          const entries = await readEntries(call, question, calendarId, callOptions);
          readings.set(calendarId, { timeZone, busy: busyTimes(entries, timeZone, calendarId, question) });
        } catch (error) {
          failures.set(calendarId, error);
        }
      }),
    );
    return { readings, failures };
  };
}

type Entries = z.output<typeof page>["entries"];

/** A day more on each side: the span is compared with midnights of UTC where an entry takes whole days. */
async function readEntries(
  call: AgendaCall,
  { customerId, span }: BusyQuestion,
  calendarId: string,
  callOptions: CallOptions,
): Promise<Entries> {
  const { from, to } = toWhen({ start: span.start - dayMs, end: span.end + dayMs });
  const calendar = calendarId === "primary" ? "main" : calendarId;
  const first = {
    path: "/view",
    query: { calendar, after: from, before: to, size: "50", show: shownMembers },
  };
  const about = { customerId, safety: "repeatable", calendarId, callOptions } as const;
  let { entries, more } = await call({ ...about, ...first, answer: page });
  const seen = new Set<string>();
  while (more !== null) {
    // The next page is asked for with the customer's token, so it is asked of nobody else.
    if (!more.startsWith(pageAddress) || seen.has(more) || seen.size >= maxPages)
      throw unreadableCalendar(calendarId, "too many events");
    seen.add(more);
    const next: z.output<typeof page> = await call({ ...about, path: more, answer: page });
    entries = [...entries, ...next.entries];
    more = next.more;
  }
  return entries;
}

function busyTimes(entries: Entries, timeZone: string, calendarId: string, { span }: BusyQuestion) {
  try {
    return toBusyTimes(entries, timeZone).filter(({ start, end }) => start < span.end && span.start < end);
  } catch (cause) {
    throw unreadableCalendar(calendarId, "time zone", cause);
  }
}
