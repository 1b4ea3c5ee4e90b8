import { type Calendar, CalendarError } from "./calendar.ts";

/**
 * The calendars of all providers as one: each call goes to the provider that the customer is connected with.
 * @param findProvider the provider of a customer's connection; undefined: there is none.
 */
export function createCalendarRouter(
  calendars: ReadonlyMap<string, Calendar>,
  findProvider: (customerId: string) => Promise<string | undefined>,
): Calendar {
  const [first, ...others] = calendars.values();
  // A single provider's calendar finds the connection by itself, so no query is made for each call.
  const only = others.length === 0 ? first : undefined;

  async function calendarOf(customerId: string): Promise<Calendar> {
    if (only !== undefined) return only;
    const provider = await findProvider(customerId);
    const calendar = provider === undefined ? undefined : calendars.get(provider);
    if (calendar === undefined)
      throw new CalendarError("not_connected", "no connection with a provider that is configured");
    return calendar;
  }

  return {
    findCapabilities: async (id) => (await calendarOf(id)).findCapabilities(id),
    reserve: async (id, planned) => (await calendarOf(id)).reserve(id, planned),
    readBusy: async (question, options) =>
      (await calendarOf(question.customerId)).readBusy(question, options),
    findFailures: async (id, ids) => (await calendarOf(id)).findFailures(id, ids),
    insertEvent: async (id, ...asked) => (await calendarOf(id)).insertEvent(id, ...asked),
    inviteAttendee: async (id, ...asked) => (await calendarOf(id)).inviteAttendee(id, ...asked),
    findEvent: async (id, ...asked) => (await calendarOf(id)).findEvent(id, ...asked),
    moveEvent: async (id, ...asked) => (await calendarOf(id)).moveEvent(id, ...asked),
    touchEvent: async (id, ...asked) => (await calendarOf(id)).touchEvent(id, ...asked),
    removeEvent: async (id, ...asked) => (await calendarOf(id)).removeEvent(id, ...asked),
    retireEvent: async (id, ...asked) => (await calendarOf(id)).retireEvent(id, ...asked),
    keepAccess: async (id) => (await calendarOf(id)).keepAccess(id),
  };
}
