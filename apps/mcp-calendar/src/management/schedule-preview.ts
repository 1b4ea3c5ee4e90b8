import type { previewRequest, Schedule, SchedulePreview } from "@cita/calendar-api";
import { addDays, createClock, createTimeFormatter, findSlots, formatTime, minuteMs } from "@cita/scheduling";
import type { z } from "zod";
import {
  type Availability,
  type AvailabilityDeps,
  type AvailabilityQuestion,
  readAvailability,
  readTimeZone,
} from "../bookings/availability.ts";
import { CalendarError } from "../calendars/calendar.ts";
import { businessLanguage } from "../language/language.ts";
import type { Schedules } from "../schedules/schedules.ts";
import { type Dates, findService, type ServiceChoice, spanOfDates } from "../schedules/slot-rules.ts";
import { formatPeriod } from "../tools/answers.ts";

/**
 * What an agent would be offered under a schedule that isn't saved.
 * @throws InvalidScheduleError, UnknownServiceError
 */
export type PreviewSchedule = (
  customerId: string,
  request: z.output<typeof previewRequest>,
) => Promise<SchedulePreview>;

/** The schedule has no such service. */
export class UnknownServiceError extends Error {
  override readonly name = "UnknownServiceError";
  readonly code = "unknown_service";
  readonly statusCode = 400;
  constructor() {
    super("The schedule has no service with this id.");
  }
}

type Deps = AvailabilityDeps & {
  readonly schedules: Pick<Schedules, "check">;
  /** The calendar's own zone as it was last read, even if the calendar can't be read now. */
  readonly findLastTimeZone: (customerId: string) => Promise<string | undefined>;
};

export function createPreviewSchedule(deps: Deps): PreviewSchedule {
  return async (customerId, { schedule: body, service, from, days }) => {
    const schedule = await deps.schedules.check(customerId, body);
    const choice = expectService(schedule, service);
    const question = { customerId, schedule, choice };
    const zone = await findZone(deps, question);
    const dates = { from: from ?? createClock(zone.timeZone).dateAt(deps.now()), days };
    const { availability, error } = await readCalendar(deps, question, { ...zone, dates });
    const { clock, now } = availability;
    const { starts, reason = null } = findSlots({ ...availability, ...dates });
    const format = createTimeFormatter(clock, businessLanguage(schedule, clock.timeZone));
    return {
      ...{ time_zone: clock.timeZone, now: formatTime(clock, now).iso },
      ...{ service: choice.service.id, duration_minutes: choice.durationMs / minuteMs },
      ...{ from: dates.from, to: addDays(dates.from, days - 1) },
      slots: starts.map((start) => formatPeriod(format, start, start + choice.durationMs)),
      reason,
      calendar_error: error === undefined ? null : { code: error.code, message: messages[error.code] },
    };
  };
}

function expectService(schedule: Schedule, id: string | undefined): ServiceChoice {
  const service = findService(schedule, id);
  if (service === undefined) throw new UnknownServiceError();
  return { service, durationMs: service.duration_minutes * minuteMs };
}

type Zone = { readonly timeZone: string; readonly error?: CalendarError };

/** The time zone, even where the calendar can't be read. UTC where nothing is known of it. */
async function findZone(deps: Deps, question: AvailabilityQuestion): Promise<Zone> {
  const { customerId, schedule } = question;
  const known = schedule.time_zone ?? (await deps.findKnownTimeZone(customerId));
  if (known !== undefined) return { timeZone: known };
  try {
    return { timeZone: await readTimeZone(deps, question) };
  } catch (error) {
    if (!(error instanceof CalendarError)) throw error;
    return { timeZone: (await deps.findLastTimeZone(customerId)) ?? "UTC", error };
  }
}

/** Reads what is busy. Where the calendar can't be read, the schedule alone decides. */
async function readCalendar(
  deps: Deps,
  question: AvailabilityQuestion,
  { timeZone, error: known, dates }: Zone & { readonly dates: Dates },
): Promise<{ availability: Availability; error: CalendarError | undefined }> {
  const span = spanOfDates(createClock(timeZone), dates, question.choice);
  const readRules = () => readAvailability(deps, question, { kind: "schedule", span, timeZone });
  if (known !== undefined) return { availability: await readRules(), error: known };
  try {
    const reading = { kind: "recent", span, changesNothing: true } as const;
    return { availability: await readAvailability(deps, question, reading), error: undefined };
  } catch (error) {
    if (!(error instanceof CalendarError)) throw error;
    return { availability: await readRules(), error };
  }
}

const messages: Readonly<Record<CalendarError["code"], string>> = {
  not_connected: "The customer has no calendar connected: the times are those of the schedule alone.",
  reconnect_required:
    "The customer has to connect its calendar again: the times are those of the schedule alone.",
  calendar_unavailable: "The calendar can't be read right now: the times are those of the schedule alone.",
  rate_limited: "The calendar is being asked too often: the times are those of the schedule alone.",
};
