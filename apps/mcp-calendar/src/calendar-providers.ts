import { defineProviders, google, strategies } from "@cita/providers";

/** The providers of calendars. */
export const calendarProviders = defineProviders(strategies, [google]);
