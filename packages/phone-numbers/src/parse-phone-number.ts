import { maxPhoneLength, toVisibleText } from "@cita/calendar-api";
import parseInternational from "libphonenumber-js/max";
import { toCountryForm, withOneMobileMark } from "./country-forms.ts";

/** Digits that a number without a plus must have. A shorter one is local, and would parse as another country's. */
const minDigits = 11;

/** `whatsapp:` (Twilio), `tel:` (RFC 3966), and labels that people write before a number. */
const label =
  /^(?:whats ?app|wa|tel|tele?fono|phone|mobile|m[oó]vil|cel|celular|sms|callto)\.?:\s*(?:\/\/)?/i;
const link = /^(?:https?:\/\/)?(?:wa\.me\/|api\.whatsapp\.com\/send\/?\?phone=)\+?(\d+)$/i;
/** WhatsApp's address of a person: the number, perhaps with agent and device. */
const whatsappAddress = /^\+?(\d+)(?:[._]\d+)?(?::\d+)?@(?:s\.whatsapp\.net|c\.us)$/i;
/** All characters of a written number. Other addresses, and two numbers with a comma between, don't match. */
const written = /^\+?[\d\s().\-/\u2010-\u2015\u2212~]+$/;
/** An extension, which isn't stored: messages can't be sent to it. */
const extension = /(?:;?\s*ext\.?=?|x|#)\s*\d{1,6}$/i;

/**
 * Parses a phone number as people write it, as channels address it, or from a WhatsApp id.
 * @returns the E.164 form by which numbers are stored and searched; undefined where the text isn't a valid number or has
 * no country code. Ids that aren't numbers (`…@lid`, `…@g.us`, `CO.1349…`) never parse.
 * @see docs/decisions/0047-one-phone-number-a-person.md
 */
export function parsePhoneNumber(text: string): string | undefined {
  if (text.length > maxPhoneLength) return undefined;
  const international = toInternational(toPlainText(text));
  if (international === undefined) return undefined;
  const number = parseInternational(withOneMobileMark(international));
  const digits = (number?.number ?? international).replaceAll(/\D/g, "");
  const form = toCountryForm(digits);
  const formed = form === digits ? undefined : parseInternational(`+${form}`);
  return [formed, number].find((candidate) => candidate?.isValid())?.number;
}

/** Converts full-width forms, Arabic digits and all spaces to ASCII. NFKC would also turn superscripts into digits. */
function toPlainText(text: string): string {
  return toVisibleText(text)
    .replaceAll(/[\uff01-\uff5e]/g, (wide) => String.fromCharCode(wide.charCodeAt(0) - 0xfee0))
    .replaceAll(/[\u0660-\u0669\u06f0-\u06f9]/g, (digit) => String(digit.charCodeAt(0) & 0xf))
    .replaceAll(/\s+/g, " ")
    .trim();
}

/** @returns the number with a plus before the country code; undefined where the text isn't a number. */
function toInternational(text: string): string | undefined {
  const address = whatsappAddress.exec(text) ?? link.exec(text);
  if (address !== null) return `+${address[1]}`;
  const number = text
    .replace(label, "")
    .replace(/;phone-context=[^;]*/i, "")
    .replace(extension, "")
    .replace(/^\(?00|^\(\+|^\+ /, "+");
  if (!written.test(number)) return undefined;
  if (number.startsWith("+")) return number;
  return number.replaceAll(/\D/g, "").length < minDigits ? undefined : `+${number}`;
}
