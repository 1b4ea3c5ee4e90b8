/**
 * A business's consent in its browser, as a Fastify plugin: its routes, with the page of a consent link and the start of
 * an authorization (`consent-routes.ts`), the callback (`callback.ts`), what a chat shows of a link (`preview-card.ts`), the
 * frame of the pages (`page-frame.ts`), and their texts: those of any consent (`pages.ts`, `wording-*.ts`), and what is said
 * of one provider (`provider-words.ts` with `google-words.ts`, and `neutral-words.ts` for a provider without sentences of
 * its own). Making links, and reading and ending connections, is in
 * apps/mcp-calendar (`management/`). Tokens are stored by packages/token-store, which also decides whose consent a link
 * accepts; a provider's endpoints and what they answer are in packages/providers.
 */

// The plugin

export { type ConsentRoutesOptions, consentRoutes } from "./consent-routes.ts";

// Parts for consents that have pages of their own

export { createFrame, type Frame, type FramedPage } from "./page-frame.ts";
export { createState, createStateCookies, type StateCookies } from "./state-cookies.ts";

// How it reads a visitor's headers

export { isInAppBrowser } from "./consent-routes.ts";
export { chooseLanguage, requestLanguage } from "./pages.ts";
export type { Language } from "./provider-words.ts";
