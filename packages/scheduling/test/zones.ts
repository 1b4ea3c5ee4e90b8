/** Zones that between them change their clocks in every way zones do, and some that never change. */
export const zones = [
  "Africa/Cairo",
  "Africa/Casablanca",
  "Africa/El_Aaiun",
  "Africa/Nairobi",
  "America/Adak",
  "America/Anchorage",
  "America/Asuncion",
  "America/Bogota",
  "America/Chicago",
  "America/Coyhaique",
  "America/Denver",
  "America/Halifax",
  "America/Havana",
  "America/Los_Angeles",
  "America/Mexico_City",
  "America/Miquelon",
  "America/New_York",
  "America/Nuuk",
  "America/Port-au-Prince",
  "America/Santiago",
  "America/Sao_Paulo",
  "America/Scoresbysund",
  "America/St_Johns",
  "America/Tijuana",
  "America/Vancouver",
  "Antarctica/Casey",
  "Antarctica/Troll",
  "Asia/Almaty",
  "Asia/Beirut",
  "Asia/Gaza",
  "Asia/Jerusalem",
  "Asia/Kathmandu",
  "Asia/Kolkata",
  "Asia/Nicosia",
  "Asia/Tehran",
  "Atlantic/Azores",
  "Australia/Adelaide",
  "Australia/Lord_Howe",
  "Australia/Sydney",
  "Europe/Berlin",
  "Europe/Chisinau",
  "Europe/Dublin",
  "Europe/Kyiv",
  "Europe/Lisbon",
  "Europe/London",
  "Europe/Madrid",
  "Pacific/Apia",
  "Pacific/Auckland",
  "Pacific/Chatham",
  "Pacific/Easter",
  "Pacific/Kiritimati",
  "Pacific/Norfolk",
] as const;

/** The moments at which a zone's clocks change, from 2024 to 2035. */
export function transitionsOf(timeZone: string): Temporal.ZonedDateTime[] {
  const transitions: Temporal.ZonedDateTime[] = [];
  const end = Date.UTC(2036, 0);
  let at = Temporal.Instant.from("2024-01-01T00:00:00Z").toZonedDateTimeISO(timeZone);
  for (;;) {
    const next = at.getTimeZoneTransition("next");
    if (next === null || next.epochMilliseconds >= end) return transitions;
    transitions.push(next);
    at = next;
  }
}
