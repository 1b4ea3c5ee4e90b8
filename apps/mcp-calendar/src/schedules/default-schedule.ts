import type { OpeningWindow, WeeklyHours } from "@cita/scheduling";

export type Service = { readonly id: string; readonly name: string; readonly durationMinutes: number };

/** When a business can be booked, and for what. Its time zone is the calendar's own. */
export type Schedule = {
  readonly weeklyHours: WeeklyHours;
  readonly services: readonly [Service, ...Service[]];
  readonly slotIntervalMinutes: number;
  readonly minimumNoticeMinutes: number;
  readonly horizonDays: number;
};

const officeHours: readonly OpeningWindow[] = [{ start: "09:00", end: "17:00" }];

/** What holds for a customer that has set nothing. */
export const defaultSchedule: Schedule = {
  weeklyHours: {
    monday: officeHours,
    tuesday: officeHours,
    wednesday: officeHours,
    thursday: officeHours,
    friday: officeHours,
    saturday: [],
    sunday: [],
  },
  services: [{ id: "appointment", name: "Appointment", durationMinutes: 30 }],
  slotIntervalMinutes: 30,
  minimumNoticeMinutes: 60,
  horizonDays: 365,
};
