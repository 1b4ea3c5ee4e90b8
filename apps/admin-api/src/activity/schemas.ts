import { type ActivityPage, activityPage } from "@cita/calendar-api";

const anAfternoon: ActivityPage = {
  activity: [
    {
      id: 42,
      at: "2027-01-18T14:03:07.000Z",
      customer_id: "barberia-luna",
      kind: "booked",
      detail: {
        booking_id: "5f0c2a9d4be14c0f8d3a7b61e2c94d08",
        service: "haircut",
        start: "2027-01-19T16:00:00-05:00",
        end: "2027-01-19T16:45:00-05:00",
      },
    },
    {
      id: 41,
      at: "2027-01-18T13:58:31.000Z",
      customer_id: "barberia-luna",
      kind: "connected",
      detail: { link_id: 7, account_email: "luna@example.com" },
    },
  ],
  next_cursor: "NDE",
};

export const activityResponse = activityPage.meta({ examples: [anAfternoon] });
