import { type Browser, createBrowser, type Page } from "./browser.ts";
import type { TestedProvider } from "./tested-provider.ts";

export type ConsentAnswer = { account?: string; action?: "allow" | "deny"; granted?: string[] };

/** Follows a link up to the provider's question. @returns what the business may do there. */
export async function beginConsent(
  link: string,
  { accountParameter }: TestedProvider,
  browser: Browser = createBrowser(),
) {
  const question = await browser.submit(await browser.open(link));
  return {
    async answer({ account, action = "allow", granted }: ConsentAnswer = {}): Promise<Page> {
      if (account === undefined) return browser.submit(question, { action, granted });
      const url = new URL(question.url);
      url.searchParams.set(accountParameter, account);
      return browser.submit(await browser.open(url.href), { action, granted });
    },

    /** Comes back with an answer that names another issuer. */
    comeFromElsewhere(): Promise<Page> {
      const { searchParams: asked } = new URL(question.url);
      const callback = new URL(asked.get("redirect_uri") ?? "");
      callback.searchParams.set("state", asked.get("state") ?? "");
      callback.searchParams.set("code", "stolen");
      callback.searchParams.set("iss", "https://elsewhere.example");
      return browser.open(callback.href);
    },
  };
}
