import { checkUrl, EgressError, type EgressErrorCode } from "@cita/egress";
import { IntegrationError } from "../answers/integration-error.ts";

/**
 * Refuses the URL of a receiver that nothing would be sent to. What its name resolves to is judged at each attempt.
 * @param allowPrivate `WEBHOOK_ALLOW_PRIVATE`
 * @returns the URL as it was written. @throws IntegrationError WEBHOOK_URL_REFUSED
 */
export function checkReceiver(text: string, allowPrivate: boolean): string {
  try {
    checkUrl(text, allowPrivate);
    return text;
  } catch (cause) {
    if (!(cause instanceof EgressError)) throw cause;
    throw new IntegrationError("WEBHOOK_URL_REFUSED", explain(cause.code, text, allowPrivate), { cause });
  }
}

function explain(code: EgressErrorCode, text: string, allowPrivate: boolean): string {
  if (code === "address_refused")
    return "The url's host isn't on the public internet. Name one that is; an operator may allow others by WEBHOOK_ALLOW_PRIVATE.";
  const url = URL.parse(text);
  if (url === null) return "The url isn't a URL. Write it in full, beginning with https://.";
  if (url.username !== "" || url.password !== "")
    return "The url has credentials. Leave them out: deliveries are signed, and the receiver verifies that.";
  if (url.protocol !== "https:" && !(allowPrivate && url.protocol === "http:"))
    return "The url has to begin with https://.";
  return "The url's port is another protocol's. Use 443, or one that is yours.";
}
