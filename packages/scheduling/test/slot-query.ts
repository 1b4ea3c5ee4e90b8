import {
  createClock,
  findSlots,
  formatTime,
  type SlotPolicy,
  type SlotQuery,
  type WeeklyHours,
} from "../src/index.ts";

export const hour = 3_600_000;
/** Never open. */
export const closed: WeeklyHours = {
  monday: [],
  tuesday: [],
  wednesday: [],
  thursday: [],
  friday: [],
  saturday: [],
  sunday: [],
};

/** The same windows on each weekday. */
export const daily = (...windows: readonly [start: string, end: string][]): WeeklyHours =>
  Object.fromEntries(
    Object.keys(closed).map((day) => [day, windows.map(([start, end]) => ({ start, end }))]),
  ) as unknown as WeeklyHours;
export const everyDay = (start: string, end: string) => daily([start, end]);

/** An hour, on each hour. */
export const policy: SlotPolicy = {
  durationMs: hour,
  intervalMs: hour,
  minimumNoticeMs: 0,
  horizonMs: 365 * 24 * hour,
  pausedUntil: null,
  bufferBeforeMs: 0,
  bufferAfterMs: 0,
  capacity: 1,
  maxPerDay: null,
  maxPerWeek: null,
};

/** A question about one day, asked three days before, with nothing busy and nothing booked. */
export function query(
  timeZone: string,
  from: string,
  weeklyHours: WeeklyHours,
  extra: Partial<SlotQuery> = {},
): SlotQuery {
  const now = Date.parse(`${from}T00:00:00Z`) - 72 * hour;
  const hours = { weekly: weeklyHours, overrides: new Map() };
  return {
    clock: createClock(timeZone),
    hours,
    policy,
    busy: [],
    bookings: [],
    now,
    from,
    days: 1,
    ...extra,
  };
}

/** The starts that are offered, in ISO 8601. */
export const shown = (asked: SlotQuery) =>
  findSlots(asked).starts.map((start) => formatTime(asked.clock, start).iso);
/** Their wall times. */
export const hoursShown = (asked: SlotQuery) => shown(asked).map((iso) => iso.slice(11, 16));
