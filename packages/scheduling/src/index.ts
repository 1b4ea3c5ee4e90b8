export {
  type Availability,
  type EmptyReason,
  findSlots,
  type Interval,
  type OpeningWindow,
  type Rejection,
  refuseStart,
  type SlotPolicy,
  type SlotQuery,
  type Weekday,
  type WeeklyHours,
  weekdays,
} from "./slots.ts";
export { type ReadTime, readDate, readTime, type SpokenTime, sayTime } from "./time-text.ts";
export { createClock, type LocalDate, type LocalTime, type ZoneClock } from "./zone-clock.ts";
