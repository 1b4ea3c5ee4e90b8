import { english, type Wording } from "./wording-en.ts";
import { spanish } from "./wording-es.ts";
import { portuguese } from "./wording-pt.ts";

export type { Ending, Wording } from "./wording-en.ts";

/** What the pages say, to a business owner on a phone who knows nothing of OAuth. */
export type Language = "en" | "es" | "pt";

const wordings: Record<Language, Wording> = { en: english, es: spanish, pt: portuguese };

/** The first language of `Accept-Language` that the pages speak; English if there is none. */
export function chooseLanguage(acceptLanguage: string | undefined): Language {
  const wanted = (acceptLanguage ?? "").split(",").map((entry) => entry.trim().slice(0, 2).toLowerCase());
  return wanted.find((code): code is Language => code in wordings) ?? "en";
}

export function wordingOf(language: Language): Wording {
  return wordings[language];
}
