export type { ConnectedAccount } from "./callback.ts";
export type { ConsentEvent, RecordConsent } from "./consent-events.ts";
export { isInAppBrowser } from "./in-app-browser.ts";
export { recordIssued } from "./issued-links.ts";
export { noticeLostConnections } from "./lost-connections.ts";
export { createReconnectLinks, type ReconnectLinks, sameAccount } from "./reconnect-links.ts";
export { type ConsentRoutesOptions, consentRoutes } from "./routes.ts";
export { chooseLanguage } from "./wording.ts";
