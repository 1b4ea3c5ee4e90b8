/** The language of a business, and the texts that people read in it (`words-en.ts`, `words-es.ts`, `words-pt.ts`). */

import { defaultService, type Schedule, type ScheduleService } from "@cita/calendar-api";
import type { FindLanguage, LocalizedText } from "@cita/mcp-endpoint";
import type { Logger } from "@cita/process";
import type { Language } from "@cita/scheduling";
import type { Words } from "./words.ts";
import { english } from "./words-en.ts";
import { spanish } from "./words-es.ts";
import { portuguese } from "./words-pt.ts";

const tables = { en: english, es: spanish, pt: portuguese } satisfies Record<Language, Words>;

export function wordsOf(language: Language): Words {
  return tables[language];
}

/** A text that is picked from the table when the language is known. */
export function localized(pick: (words: Words) => string): LocalizedText {
  return (language) => pick(wordsOf(language));
}

/** A service's name as the business wrote it. The default service has a name in each language. */
export function serviceName({ id, name }: Pick<ScheduleService, "id" | "name">, words: Words): string {
  return id === defaultService.id && name === defaultService.name ? words.defaultService : name;
}

export type FindLanguageDeps = {
  findSchedule(customerId: string): Promise<Schedule>;
  /** The calendar's own zone as it was last read, even if the calendar can't be read now. */
  findLastTimeZone(customerId: string): Promise<string | undefined>;
  logger: Logger;
};

/** Finds the language without a request to the calendar's provider. */
export function createFindLanguage({
  findSchedule,
  findLastTimeZone,
  logger,
}: FindLanguageDeps): FindLanguage {
  return async (customerId) => {
    if (customerId === undefined) return "en";
    try {
      const schedule = await findSchedule(customerId);
      return businessLanguage(schedule, schedule.time_zone ?? (await findLastTimeZone(customerId)));
    } catch (err) {
      // An answer in the wrong language is better than none.
      logger.warn({ err, customer_id: customerId }, "a business's language couldn't be read");
      return "en";
    }
  };
}

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
