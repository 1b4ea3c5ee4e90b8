import type { AccountProvider } from "@cita/providers/accounts";
import { SANDBOX_CLIENT } from "../../clients.ts";
import type { ProviderGroup } from "../provider-groups.ts";
import { identityEntries } from "./account-document.ts";
import { type AccountSeed, idsOf, issuerOf } from "./account-shapes.ts";
import { withPaths } from "./with-path.ts";

type IdTokenIdentity = Extract<AccountProvider["identity"], { source: "id_token" }>;

const lifetimeS = 3_600;

/**
 * The id_token of a token response, of a group in which one is asked for. Nobody checks its signature, since it comes from
 * the token endpoint itself.
 * @param now in epoch milliseconds
 * @param wrong claims in place of the right ones; null leaves one out
 * @see OpenID Connect Core 1.0, section 3.1.3.7
 */
export function makeIdToken(
  { members }: ProviderGroup,
  seed: AccountSeed,
  now: number,
  wrong: Readonly<Record<string, unknown>> = {},
): string | undefined {
  const [made] = members.flatMap((member) =>
    member.identity.source === "id_token" ? [toClaims(member, member.identity, seed, now)] : [],
  );
  if (made === undefined) return undefined;
  const claims = Object.entries({ ...made, ...wrong }).filter(([, value]) => value !== null);
  return `${encode({ alg: "none", typ: "JWT" })}.${encode(Object.fromEntries(claims))}.sandbox`;
}

function toClaims(
  provider: AccountProvider,
  identity: IdTokenIdentity,
  seed: AccountSeed,
  now: number,
): object {
  const ids = idsOf(provider.id, seed, identity.id.length);
  const issuer = identity.issuers.find((one) => typeof one === "string") ?? issuerOf(provider.id, ids);
  const iat = Math.floor(now / 1_000);
  const claims = { iss: issuer, aud: SANDBOX_CLIENT.id, sub: ids.join("."), iat, exp: iat + lifetimeS };
  return withPaths({ ...claims, email_verified: true }, identityEntries(provider, seed));
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString("base64url");
}
