import type { Provider } from "@cita/providers";
import { googleWords } from "./google-words.ts";
import { neutralWords } from "./neutral-words.ts";
import type { ResultText } from "./wording-en.ts";

/** The languages of the pages. */
export const languages = ["en", "es", "pt"] as const;
export type Language = (typeof languages)[number];

/** The results whose texts name the provider. */
type ProviderResult =
  | "calendar_missing"
  | "calendar_blocked"
  | "calendar_not_set_up"
  | "scope_missing"
  | "no_refresh_token"
  | "exchange_failed"
  | "client_refused";

/** What the pages say of one provider. */
export type ProviderWords = {
  readonly connectText: string;
  readonly account: (email: string) => string;
  readonly accountAny: string;
  readonly continueButton: string;
  /** Null: nothing of the kind happens there. */
  readonly blockedHint: ((email: string) => string) | null;
  readonly stopAnyTime: string;
  readonly inAppText: string;
  readonly wrongAccount: (chosen: string, expected: string) => ResultText;
  /** The expected address belongs to another account by now. */
  readonly readdressedAccount: (address: string) => ResultText;
  readonly results: Readonly<Record<ProviderResult, ResultText>>;
};

/** Providers with sentences of their own. */
const ownWords: Readonly<Record<string, Readonly<Record<Language, ProviderWords>>>> = {
  google: googleWords,
};

/** @param provider undefined: the business hasn't chosen one yet. */
export function wordsOf(language: Language, provider: Provider | undefined): ProviderWords {
  const own = provider === undefined ? undefined : ownWords[provider.id];
  return own === undefined ? neutralWords[language](provider) : own[language];
}
