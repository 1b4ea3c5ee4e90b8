import { acceptedLanguage } from "@cita/http";

/** The languages that the panel and its mails have. Every text stands beside its page, in `words.ts`. */
export const languages = ["es", "en", "pt"] as const;
export type Language = (typeof languages)[number];

/** A text in every language. `tsc` refuses one that is missing. */
export type InAllLanguages<Words> = Readonly<Record<Language, Words>>;

export function isLanguage(value: unknown): value is Language {
  return languages.some((language) => language === value);
}

/** The first language of `Accept-Language` that the panel has; Spanish if there is none. */
export function chooseLanguage(acceptLanguage: string | undefined): Language {
  return acceptedLanguage(acceptLanguage, languages) ?? "es";
}
