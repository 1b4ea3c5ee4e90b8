import { createBrowser } from "./browser.ts";
import type { TestedProvider } from "./tested-provider.ts";

export type ConsentAnswer = { account?: string; action?: "allow" | "deny"; granted?: string[] };

/** Follows a link up to the provider's question. @returns what the business may do there. */
export async function beginConsent(link: string, provider: TestedProvider) {
  const browser = createBrowser();
  const question = new URL((await browser.submit(await browser.open(link))).url);
  return {
    async answer({ account, action = "allow", granted }: ConsentAnswer = {}) {
      if (account !== undefined) question.searchParams.set(provider.accountParameter, account);
      return browser.submit(await browser.open(question.href), { action, ...(granted && { granted }) });
    },

    /** Comes back with an answer that names another issuer. */
    comeFromElsewhere() {
      const callback = new URL(question.searchParams.get("redirect_uri") ?? "");
      callback.searchParams.set("state", question.searchParams.get("state") ?? "");
      callback.searchParams.set("code", "stolen");
      callback.searchParams.set("iss", "https://elsewhere.example");
      return browser.open(callback.href);
    },
  };
}
