import { calendarOpeners as ownOpeners } from "../../../apps/mcp-calendar/src/calendars/open-calendars.ts";
import { agendaCalendar } from "./calendar/agenda-calendar.ts";
import { twoProviders } from "./definition.ts";

/** What a service is started with so that it knows the made-up provider beside Google. */
export const registration = {
  definitions: twoProviders,
  calendarOpeners: { ...ownOpeners, agenda: agendaCalendar },
};
