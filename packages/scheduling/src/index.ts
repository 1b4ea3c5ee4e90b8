export { type Language, languages, sayDate, sayWeekday } from "./day-words.ts";
export { type Interval, isSameInterval } from "./interval.ts";
export {
  nextOpening,
  type OpeningHours,
  type OpeningWindow,
  type Weekday,
  type WeeklyHours,
  weekdays,
} from "./opening-hours.ts";
export {
  type Availability,
  type EmptyReason,
  findSlots,
  isFree,
  type Rejection,
  type Reservation,
  refuseStart,
  type SlotPolicy,
  type SlotQuery,
} from "./slots.ts";
export {
  createTimeTeller,
  type ReadTime,
  readDate,
  readTime,
  type SpokenTime,
  sayTime,
  type TimeTeller,
} from "./time-text.ts";
export {
  addDays,
  createClock,
  type LocalDate,
  type LocalTime,
  localMidnight,
  type ZoneClock,
} from "./zone-clock.ts";
