// The consent of a business in its browser: what lives here, and what doesn't, is said at the head of consent-routes.ts.

// The plugin

export { type ConsentRoutesOptions, consentRoutes } from "./consent-routes.ts";

// What it tells its app

export type { ConnectedAccount } from "./callback.ts";
export { type ConsentEvent, recordLinkIssued } from "./consent-events.ts";

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
