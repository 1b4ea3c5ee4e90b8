import type { ConnectionView } from "@cita/calendar-api";
import { type Html, html } from "@cita/http";
import type { InAllLanguages, Language } from "../language.ts";

type Attempt = NonNullable<NonNullable<ConnectionView["link"]>["last_attempt"]>;
type Words = Readonly<Record<Attempt["outcome"], string>>;

const es: Words = {
  connected: "Dio permiso",
  access_denied: "No dio permiso",
  scope_missing: "Dejó sin marcar el permiso del calendario",
  wrong_account: "Eligió otra cuenta",
  no_refresh_token: "El proveedor no dio un permiso duradero",
  wrong_provider: "Eligió otro proveedor",
  exchange_failed: "El proveedor no completó la conexión",
};

const en: Words = {
  connected: "Consented",
  access_denied: "Didn’t consent",
  scope_missing: "Left the calendar’s box unticked",
  wrong_account: "Chose another account",
  no_refresh_token: "The provider gave no lasting permission",
  wrong_provider: "Chose another provider",
  exchange_failed: "The provider didn’t complete the connection",
};

const pt: Words = {
  connected: "Deu permissão",
  access_denied: "Não deu permissão",
  scope_missing: "Deixou desmarcada a permissão do calendário",
  wrong_account: "Escolheu outra conta",
  no_refresh_token: "O provedor não deu uma permissão duradoura",
  wrong_provider: "Escolheu outro provedor",
  exchange_failed: "O provedor não completou a conexão",
};

const outcomeWords: InAllLanguages<Words> = { es, en, pt };

/** How the last attempt to consent ended, with the account that was chosen. */
export function outcomeText(language: Language, { outcome, account_email: account }: Attempt): Html {
  return html`${outcomeWords[language][outcome]}${account !== null && html` (<bdi>${account}</bdi>)`}`;
}
