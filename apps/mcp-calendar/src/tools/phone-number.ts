import parsePhoneNumber from "libphonenumber-js/max";

/**
 * A phone number in E.164, or undefined when there is no such number. Without a plus it is taken as
 * WhatsApp writes them, with the country code first: shorter ones are rather local numbers, which would
 * be read as another country's.
 */
export function readPhoneNumber(text: string): string | undefined {
  const international = text.trim().replace(/^00/, "+");
  if (!international.startsWith("+") && international.replaceAll(/\D/g, "").length < 11) return undefined;
  const number = parsePhoneNumber(international.startsWith("+") ? international : `+${international}`);
  return number?.isValid() ? number.number : undefined;
}
