/**
 * Computes when an appointment can begin, from opening hours, busy times, bookings, limits and the current time. It also
 * has wall clocks of time zones, and formats dates and times in three languages. Pure: no I/O, no system clock, no time
 * zone of the server. Schedules are stored, and busy times read, by the callers.
 */
export { dayMs, hourMs, minuteMs } from "./durations.ts";
export { formatDate, formatWeekday, type Language, languages } from "./format-day.ts";
export { createTimeFormatter, type FormattedTime, formatTime, type TimeFormatter } from "./format-time.ts";
export { type Interval, isSameInterval, mergeIntervals } from "./interval.ts";
export {
  nextOpening,
  type OpeningHours,
  type OpeningWindow,
  type Weekday,
  type WeeklyHours,
  weekdays,
} from "./opening-hours.ts";
export { type ParsedTime, parseDate, parseTime } from "./parse-time.ts";
export {
  type EmptyReason,
  findSlots,
  isFree,
  type Rejection,
  type Reservation,
  refuseStart,
  type SlotConditions,
  type SlotPolicy,
  type SlotQuery,
  type Slots,
} from "./slots.ts";
export {
  addDays,
  createClock,
  type LocalDate,
  type LocalTime,
  localMidnight,
  type ZoneClock,
} from "./zone-clock.ts";
