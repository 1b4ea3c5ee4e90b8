export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
/** 24 hours. A day on which clocks change is shorter or longer: dates are counted by `addDays` and `ZoneClock`. */
export const dayMs = 24 * hourMs;
