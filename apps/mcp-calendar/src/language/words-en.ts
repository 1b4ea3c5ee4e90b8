import type { Words } from "./words.ts";

export const english: Words = {
  language: "en",
  closed: "closed",
  defaultService: "Appointment",
  event: { phone: "Phone", email: "E-mail", notes: "Notes", bookedBy: "Booked by Cita" },
  invitationNotes: {
    pending:
      "The appointment stands. The e-mail invitation hasn't been sent yet; it is tried again. Tell the person the weekday, date and time yourself.",
    refused:
      "The appointment stands, but no e-mail invitation could be sent: tell the person the weekday, date and time yourself.",
  },
  moreSlots: (from, days) => `For the rest, call again with date_iso ${from} and days ${days}.`,
  moreBookings: (from) => `For the rest, call again with from ${from}.`,
  instructions: {
    purpose: "Books appointments into one business's own calendar.",
    askFirst:
      "Call get_business_info first: it tells today's date and the time zone there, the services and the hours.",
    today: ({ weekday, date, timeZone }) =>
      `Today is ${weekday} ${date} there (time zone ${timeZone}). Services and hours: get_business_info.`,
    steps: [
      "Find free times with get_available_slots; offer no others.",
      "Repeat the weekday, date and time to the person and wait for a yes.",
      "Then call book, with start_iso exactly as it was given.",
    ],
    rules:
      "An appointment exists only when book answers confirmed. Every answer carries the time zone, and the time " +
      "there (now) where it matters: use them, never your own idea of today's date. If a tool answers with an " +
      "error, follow its next_step.",
    translate:
      "label, message and note are in the business's language: translate them for a person who writes in another.",
  },
  refusals: {
    taken: "That time has just been taken or isn't free.",
    outside_hours: "Appointments don't start at that time.",
    too_soon: "That time has passed or is too soon to be booked.",
    too_far: "That time is too far ahead to be booked.",
    idempotency_conflict: "This idempotency key was already used for another booking.",
    not_found: "I can't find that appointment.",
    begun: "That appointment has already begun, so it can't be changed any more.",
    cancelled_since: "That appointment was made, and has since been cancelled or deleted from the calendar.",
    series: "The business has made this appointment into a recurring one, so I can't change it.",
    stranded: "This appointment is in a calendar that the business isn't connected with any more.",
    account_changed:
      "The business has connected another calendar just now, so nothing was booked or changed.",
    unsettled: "The calendar stopped answering, so I can't tell yet whether the appointment was moved.",
    in_progress: "This very request is still being worked on.",
    too_many_open: "This person already has as many appointments ahead as one person may have here.",
    too_many_changes: "This person has changed appointments too often in the last hour.",
    cancellations_stopped:
      "Unusually many appointments of this business were cancelled in the last hour, so I can't cancel more now.",
  },
  movedByHand: (label) => `The business has moved this appointment itself: it is now on ${label}.`,
  calendar: {
    not_connected: "This business hasn't connected its calendar yet, so I can't see or book its times.",
    reconnect_required: "This business has to connect its calendar again before I can see or book its times.",
    calendar_unavailable:
      "I can't reach the calendar right now, so I can't tell what is free, booked or cancelled.",
    rate_limited: "The calendar is being asked too often right now.",
  },
  lastingProblem:
    "I can't see this business's calendar, and that won't pass by itself, so I can't tell what is free, booked or cancelled.",
  wrongArguments: (_names, problems) => `I couldn't use these details: ${problems.join("; ")}.`,
  unknownService: "This business doesn't offer that service.",
  unreadableTime: "I need a real date and time, such as 2027-01-18T09:00:00-05:00.",
  skippedTime: "That time doesn't exist on that day: the clocks jump over it.",
  repeatedTime: "That time exists twice on that day: the clocks go back.",
  lastDayFirst: "The last day lies before the first one.",
  owner: {
    not_connected: "Your calendar isn't connected yet.",
    reconnect_required: "Your calendar has to be connected again.",
    openLink: (url) => `Open this link to connect it: ${url}`,
    cannotConnect: "It can't be connected until something is put right on this computer.",
    calendarUnusable: "I can't use your calendar, and that won't pass by itself.",
    clientRefused: (provider) =>
      `I can't reach your calendar: ${provider} doesn't accept the way Cita was set up.`,
  },
};
