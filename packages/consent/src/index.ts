/**
 * A business's consent in its browser, as a Fastify plugin: the page of a consent link and the start of an authorization
 * (`link-page.ts`), the callback (`callback.ts`), their texts (`pages.ts`, `wording-*.ts`), and the links by which a lost
 * connection is connected again (`reconnect-links.ts`). Making links for admins, and reading and ending connections, is in
 * apps/mcp-calendar (`management/`). Tokens are stored by packages/token-store; a provider's endpoints and what they
 * answer are in packages/providers.
 */

// The plugin

export { type ConsentRoutesOptions, consentRoutes } from "./consent-routes.ts";

// What it passes to its app

export type { ConnectedAccount } from "./callback.ts";
export { type ConsentEvent, type RecordConsent, recordLinkIssued } from "./consent-events.ts";

// Links by which a lost connection is made again

export {
  accountRestriction,
  createReconnectLinks,
  type ReconnectLinks,
  withReconnectLinks,
} from "./reconnect-links.ts";

// How it reads a visitor's headers

export { isInAppBrowser } from "./link-page.ts";
export { chooseLanguage } from "./pages.ts";
