/** Real ones have a few hundred characters. */
const maxReadLength = 1_024;

const signs = [/; wv\)/, /\bFBA[NV]\b/, /Instagram/, /Line\//, /GSA\//];

/**
 * Whether a user agent is an app's embedded web view. Google answers those with
 * `403 disallowed_useragent`, so the business has to open the link in its real browser.
 */
export function isInAppBrowser(userAgent: string | undefined): boolean {
  const read = (userAgent ?? "").slice(0, maxReadLength);
  return signs.some((sign) => sign.test(read)) || isWhatsAppOnPhone(read);
}

/** WhatsApp's preview bot names no device. */
function isWhatsAppOnPhone(userAgent: string): boolean {
  const begin = userAgent.indexOf("WhatsApp/");
  return begin >= 0 && /iPhone|Android/.test(userAgent.slice(begin));
}
