import type { AccountClient, AccountTokens, ObtainedAccount, Values } from "@cita/providers/accounts";
import type { FastifyBaseLogger } from "fastify";
import type { IntegrationStore } from "../integrations/integration.ts";
import { type OAuthState, OAuthStateOverError } from "../integrations/oauth-state.ts";
import { type ConsentFailure, explainNotObtained, failed } from "./outcome.ts";

export type FinishDeps = { readonly integrations: Pick<IntegrationStore, "connect"> };

export type Finished =
  | { readonly kind: "connected"; readonly integrationId: string }
  | { readonly kind: "failed"; readonly failure: ConsentFailure };

/** Stores what a consent has obtained, or says what is missing. Of a failure nothing is stored. */
export async function finish(
  { integrations }: FinishDeps,
  client: AccountClient,
  state: OAuthState,
  { obtained, inputs, log }: { obtained: ObtainedAccount; inputs: Values; log: FastifyBaseLogger },
): Promise<Finished> {
  const { provider, clientId } = client;
  if (obtained.kind !== "obtained") {
    const failure = explainNotObtained(provider, obtained);
    const verdict = obtained.kind === "failed" ? obtained.failure : obtained.kind;
    const err = obtained.kind === "failed" ? obtained.cause : undefined;
    log.warn({ provider: provider.id, verdict, err }, "an account could not be connected");
    if ("tokens" in obtained && obtained.tokens !== undefined)
      await giveBack(client, obtained.tokens, inputs);
    return { kind: "failed", failure };
  }
  const { tokens, account, scopes } = obtained;
  try {
    const { userId, organizationId, metadata } = state;
    const granted = {
      userId,
      organizationId,
      metadata,
      provider: provider.id,
      account,
      tokens,
      scopes,
      inputs,
      clientId,
    };
    const integration = await integrations.connect(state.id, granted);
    log.info({ provider: provider.id, integration_id: integration.id }, "an account was connected");
    return { kind: "connected", integrationId: integration.id };
  } catch (error) {
    if (!(error instanceof OAuthStateOverError)) throw error;
    await giveBack(client, tokens, inputs);
    return { kind: "failed", failure: failed(error.message) };
  }
}

/** Ends an access that nobody keeps, where that ends nothing else. Its failure changes nothing. A key is the person's own. */
async function giveBack(client: AccountClient, tokens: AccountTokens, inputs: Values): Promise<void> {
  const { grant, revocation } = client.provider;
  if (grant.kind !== "authorization_code" || revocation?.effect !== "token") return;
  await client.revoke({ ...tokens, inputs });
}
