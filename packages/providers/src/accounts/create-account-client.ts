import type { AccountAccess, AccountClient, AccountClientConfig } from "./account-client.ts";
import { toAccountAuthorizationUrl } from "./authorization-url.ts";
import { withoutAccessToken } from "./call-authentications.ts";
import { type ClientParts, valuesOf } from "./client-parts.ts";
import { accountDialects } from "./dialects/dialects.ts";
import type { AccountVerdict } from "./dialects/verdict.ts";
import { fillTemplate, TemplateError } from "./fill-template.ts";
import { acceptKey, exchangeCode } from "./obtain-account.ts";
import { renewAccess } from "./renew-access.ts";
import { type Senders, sendRequest } from "./send-request.ts";

export type AccountClientDeps = {
  readonly senders: Senders;
  /** In epoch milliseconds. Default: the system's clock. */
  readonly now?: (() => number) | undefined;
};

export function createAccountClient(config: AccountClientConfig, deps: AccountClientDeps): AccountClient {
  const { provider, clientId, clientSecret, redirectUri } = config;
  const { senders, now = Date.now } = deps;
  const classify = accountDialects[provider.dialect];
  const values = { ...config.settings, client_id: clientId, client_secret: clientSecret };
  const parts: ClientParts = {
    ...{ ...config, values, now },
    async ask(template, further, kind) {
      try {
        const request = fillTemplate(template, { ...values, ...further });
        const answer = await sendRequest(request, senders);
        return { verdict: classify(answer, kind), answer };
      } catch (cause) {
        // A host that an earlier answer has named may be missing, or be none.
        const reason = cause instanceof TemplateError ? "unusable answer" : "no answer";
        return { verdict: { kind: "transient", reason }, answer: undefined, cause };
      }
    },
  };
  return {
    ...{ provider, clientId, redirectUri },
    scopesFor: (capabilities) => scopesFor(config, capabilities),
    authorizationUrl: (request) => toAccountAuthorizationUrl(parts, request, senders.hostsAt),
    exchange: (response) => exchangeCode(parts, response),
    acceptKey: (given) => acceptKey(parts, given),
    renew: (connection) => renewAccess(parts, connection),
    probe: (connection) => probe(parts, connection),
    isRevokedByAccessToken: isRevokedByAccessToken(config),
    revoke: (connection) => revoke(parts, connection),
  };
}

function scopesFor({ provider }: AccountClientConfig, names?: readonly string[]): readonly string[] {
  const { identityScopes, capabilities } = provider;
  const chosen = capabilities.filter(({ name }) => names === undefined || names.includes(name));
  return [...new Set([...identityScopes, ...chosen.flatMap(({ scopes }) => scopes)])];
}

async function probe(parts: ClientParts, connection: AccountAccess): Promise<AccountVerdict | undefined> {
  const { probe: template } = parts.provider;
  if (template === null) return undefined;
  return (await parts.ask(template, valuesOf(connection), "call")).verdict;
}

function isRevokedByAccessToken({ provider: { revocation } }: AccountClientConfig): boolean {
  if (revocation === null) return false;
  const { request } = revocation;
  return (
    !withoutAccessToken.has(request.authentication) || JSON.stringify(request).includes("{access_token}")
  );
}

async function revoke(parts: ClientParts, connection: AccountAccess) {
  const { revocation } = parts.provider;
  if (revocation === null) return "unsupported";
  const { verdict } = await parts.ask(revocation.request, valuesOf(connection), "revoke");
  return verdict.kind === "ok" ? "revoked" : "unconfirmed";
}
