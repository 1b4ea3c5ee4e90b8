import type { Schedule } from "@cita/calendar-api";
import type { Language } from "@cita/scheduling";

/** The settings of a schedule that decide its language. */
type LanguageSettings = Pick<Schedule, "language" | "time_zone" | "holidays">;

/**
 * The language in which people read of a business's appointments: the schedule's, else that of its holidays' country, else
 * that of its time zone, else English. The country comes before the zone because tzdata links neighbouring countries to
 * one zone: Africa/Maputo is also Zimbabwe's, America/Panama also the Cayman Islands'.
 *
 * @param calendarZone the calendar's own time zone, for a schedule that names none.
 */
export function businessLanguage(settings: LanguageSettings, calendarZone: string | undefined): Language {
  const { language, time_zone, holidays } = settings;
  if (language !== null) return language;
  if (holidays.country !== null) return byCountry.get(holidays.country) ?? "en";
  const zone = time_zone ?? calendarZone;
  return (zone !== undefined && zoneLanguage(zone)) || "en";
}

function zoneLanguage(zone: string): Language | undefined {
  return zone.startsWith("America/Argentina/") ? "es" : byZone.get(zone);
}

/** ISO 3166 codes, and `IC`, the Canary Islands, of the library of holidays. */
const countries = {
  es: "AD AR BO CL CO CR CU DO EC ES GQ GT HN IC MX NI PA PE PR PY SV UY VE",
  pt: "AO BR CV GW MZ PT ST TL",
};

/**
 * The zones that tzdata's `zone.tab` gives these countries, and the older names that calendars still use
 * (`backward`).
 */
const zones = {
  es: `
    Europe/Andorra America/Buenos_Aires America/Catamarca America/Cordoba America/Jujuy America/Mendoza
    America/Rosario America/La_Paz America/Santiago America/Coyhaique America/Punta_Arenas Pacific/Easter
    Chile/Continental Chile/EasterIsland America/Bogota America/Costa_Rica America/Havana Cuba
    America/Santo_Domingo America/Guayaquil Pacific/Galapagos Europe/Madrid Africa/Ceuta Atlantic/Canary
    Africa/Malabo America/Guatemala America/Tegucigalpa America/Mexico_City America/Cancun America/Merida
    America/Monterrey America/Matamoros America/Chihuahua America/Ciudad_Juarez America/Ojinaga
    America/Mazatlan America/Bahia_Banderas America/Hermosillo America/Tijuana America/Ensenada
    America/Santa_Isabel Mexico/BajaNorte Mexico/BajaSur Mexico/General America/Managua America/Panama
    America/Lima America/Puerto_Rico America/Asuncion America/El_Salvador America/Montevideo America/Caracas`,
  pt: `
    Africa/Luanda America/Noronha America/Belem America/Fortaleza America/Recife America/Araguaina
    America/Maceio America/Bahia America/Sao_Paulo America/Campo_Grande America/Cuiaba America/Santarem
    America/Porto_Velho America/Boa_Vista America/Manaus America/Eirunepe America/Rio_Branco
    America/Porto_Acre Brazil/Acre Brazil/DeNoronha Brazil/East Brazil/West Atlantic/Cape_Verde Africa/Bissau
    Africa/Maputo Europe/Lisbon Portugal Atlantic/Madeira Atlantic/Azores Africa/Sao_Tome Asia/Dili`,
};

const byCountry = indexed(countries);
const byZone = indexed(zones);

function indexed(names: Readonly<Record<"es" | "pt", string>>): ReadonlyMap<string, Language> {
  const entriesOf = (language: "es" | "pt") =>
    names[language]
      .trim()
      .split(/\s+/)
      .map((name) => [name, language] as const);
  return new Map([...entriesOf("es"), ...entriesOf("pt")]);
}
