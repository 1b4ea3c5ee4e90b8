import { defaultService, type ScheduleService } from "@cita/calendar-api";
import type { LocalizedText } from "@cita/mcp-endpoint";
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
