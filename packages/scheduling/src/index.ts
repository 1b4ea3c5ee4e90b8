/**
 * When an appointment can begin: opening hours, busy times, bookings, limits and the current time in; slots out. Also
 * the clocks of time zones, and dates and times as texts in three languages. Pure: no I/O, no clock, no time zone of
 * the server. What a schedule looks like, and where busy times are read, is the callers'.
 */
export { dayMs, hourMs, minuteMs } from "./durations.ts";
export { formatDate, formatWeekday, type Language, languages } from "./format-day.ts";
export { createTimeFormatter, type FormattedTime, formatTime, type TimeFormatter } from "./format-time.ts";
export { type Interval, isSameInterval } from "./interval.ts";
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
