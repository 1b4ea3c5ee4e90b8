import { createHash } from "node:crypto";
import { checkIdTokenClaims, decodeClaims } from "../oauth/id-token.ts";
import type { Account, AccountTokens, ObtainedAccount } from "./account-client.ts";
import type { Values } from "./call-authentications.ts";
import { type ClientParts, valuesOf } from "./client-parts.ts";
import type { IdentityFields, IdentitySource } from "./definition.ts";
import { readLabel, readText } from "./json-path.ts";
import { readFacts } from "./token-response.ts";

export type Identified = { readonly kind: "identified"; readonly account: Account; readonly facts: Values };

export type NewAccess = {
  readonly tokens: AccountTokens;
  /** Of the response with the tokens. */
  readonly body: unknown;
  readonly inputs: Values;
};

type Unidentified = Exclude<ObtainedAccount, { kind: "obtained" | "scope_missing" | "no_account" }>;

type Result =
  | Identified
  | Unidentified
  /** See `ObtainedAccount`. */
  | { readonly kind: "no_account"; readonly message: string };

/** Finds out whose account new tokens are for. */
export function identifyAccount(parts: ClientParts, access: NewAccess): Promise<Result> {
  const { identity } = parts.provider;
  const identify = identifiers[identity.source];
  return identify(parts, access, identity as never);
}

const identifiers: {
  readonly [Source in IdentitySource["source"]]: (
    parts: ClientParts,
    access: NewAccess,
    identity: Extract<IdentitySource, { source: Source }>,
  ) => Promise<Result>;
} = {
  token_response: async (_parts, { body }, identity) =>
    read(body, identity, body) ?? { kind: "invalid_response", check: "account" },

  async id_token({ clientId, now }, { body }, identity) {
    const idToken = readText(body, "id_token");
    if (idToken === undefined) return { kind: "invalid_response", check: "id_token" };
    const checked = checkIdTokenClaims(idToken, { issuers: identity.issuers, clientId, now: now() });
    if (checked.kind === "invalid") return { kind: "invalid_response", check: checked.check };
    return read(checked.claims, identity, body) ?? { kind: "invalid_response", check: "account" };
  },

  async request(parts, { tokens, inputs, body }, identity) {
    const { verdict, answer, cause } = await parts.ask(
      identity.request,
      valuesOf({ ...tokens, inputs }),
      "call",
    );
    if (verdict.kind !== "ok") return { kind: "failed", failure: verdict, cause };
    const found = read(answer?.body, identity, body);
    const named = identity.idInput === undefined ? undefined : inputs[identity.idInput];
    if (found !== undefined && named !== undefined)
      return { ...found, account: { ...found.account, id: named, grantor: named } };
    if (found !== undefined) return found;
    if (identity.withoutId === null) return { kind: "invalid_response", check: "account" };
    return { kind: "no_account", message: identity.withoutId };
  },

  async input(_parts, { tokens, inputs }, { input }) {
    const id = createHash("sha256")
      .update(inputs[input] ?? tokens.accessToken)
      .digest("hex")
      .slice(0, 32);
    return { kind: "identified", account: { id, name: null, email: null, grantor: id }, facts: {} };
  },
};

/** An id is kept as it is, or is none: what was cut could be another account's. */
const idPattern = /^[^\p{Cc}\p{Cs}]{1,500}$/u;

/** @param tokenResponse has an id_token perhaps. @returns undefined where a part of the id is missing. */
function read(
  document: unknown,
  { id, name, email, facts }: IdentityFields,
  tokenResponse: unknown,
): Identified | undefined {
  const parts = id.map((path) => readText(document, path));
  if (!parts.every((part) => part !== undefined && idPattern.test(part))) return undefined;
  const subject = readText(decodeClaims(readText(tokenResponse, "id_token") ?? ""), "sub");
  const account = {
    id: parts.join("."),
    grantor: subject !== undefined && idPattern.test(subject) ? subject : parts.join("."),
    name: readLabel(document, name) ?? null,
    email: readLabel(document, email) ?? null,
  };
  return { kind: "identified", account, facts: readFacts(document, facts) };
}
