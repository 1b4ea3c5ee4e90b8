import type { IncomingHttpHeaders } from "node:http";

/**
 * Browsers that load a page before anybody has asked for it say so: Chromium and Firefox by `Sec-Purpose`
 * (https://wicg.github.io/nav-speculation/prefetch.html), older ones and scripts by the others.
 */
const purposeHeaders = ["sec-purpose", "purpose", "x-sec-purpose", "x-purpose", "x-moz"];

/** Makers of previews, and crawlers. Cubot makes phones. */
const robots =
  /(?<!cu)bot\b|crawl|spider|preview|externalhit|externalagent|^WhatsApp\/|facebookcatalog|Slack|Skype/i;

/**
 * Whether a person's browser is going to this address, rather than a prefetcher, a preview or a link checker.
 * Clients that send none of the headers are believed.
 */
export function isNavigation(method: string, headers: IncomingHttpHeaders): boolean {
  const destination = headers["sec-fetch-dest"];
  return (
    method !== "HEAD" &&
    (destination === undefined || destination === "document") &&
    !purposeHeaders.some((name) => /prefetch|prerender|preview/i.test(String(headers[name] ?? ""))) &&
    !robots.test(headers["user-agent"] ?? "")
  );
}
