/** Where a customer's schedule is in admin-api. */
export const schedulePath = "/v1/customer-calendars/luna/schedule";

/** A schedule whose every member differs from the default. */
export const barberShop = {
  time_zone: "America/Bogota",
  language: "pt",
  weekly_hours: {
    monday: [],
    tuesday: [
      { start: "09:00", end: "13:00" },
      { start: "13:00", end: "24:00" },
    ],
    wednesday: [{ start: "00:00", end: "24:00" }],
    thursday: [],
    friday: [{ start: "14:00", end: "01:00" }],
    saturday: [
      { start: "10:00", end: "20:00" },
      { start: "01:00", end: "02:00" },
    ],
    sunday: [{ start: "22:00", end: "00:00" }],
  },
  date_overrides: [
    { date: "2027-12-31", windows: [] },
    { date: "2028-02-29", windows: [{ start: "20:00", end: "08:00" }] },
  ],
  holidays: { country: "DE", region: "BY" },
  services: [
    {
      id: "haircut",
      name: "Corte 💈 de cabello",
      duration_minutes: 45,
      buffer_before_minutes: 5,
      buffer_after_minutes: 15,
      capacity: 1,
      price_text: "$ 35.000",
    },
    {
      id: "retreat",
      name: "Longer than any window",
      duration_minutes: 720,
      buffer_before_minutes: 0,
      buffer_after_minutes: 0,
      capacity: 6,
    },
  ],
  slot_interval_minutes: 15,
  minimum_notice_minutes: 0,
  horizon_days: 60,
  paused_until: "2027-01-20T09:00:00-05:00",
  max_bookings_per_day: 20,
  max_bookings_per_week: 100,
  max_open_bookings_per_attendee: 3,
  busy_calendars: ["primary", "team@group.calendar.google.com"],
  tentative_is_busy: false,
  invite_attendees: true,
  add_meet_link: true,
};
