import type { TokenStore } from "../src/index.ts";

/** What a whole consent at Google leaves in the store. */
export async function connect(store: TokenStore, customerId: string): Promise<void> {
  const link = await store.consentLinks.issue({ customerId, provider: "google", lifetimeMs: 3_600_000 });
  const state = `state-${customerId}-${link.id}`;
  await store.consentLinks.startAttempt(link, state);
  const attempt = await store.consentLinks.claimAttempt(state);
  if (attempt === undefined) throw new Error("not claimed");
  await store.completeConsent(attempt, {
    accessToken: `ya29.${customerId}`,
    refreshToken: `1//${customerId}`,
    tokenExpiry: new Date(Date.now() + 3_600_000),
    calendarEmail: null,
    accountId: null,
    scope: "",
  });
}
