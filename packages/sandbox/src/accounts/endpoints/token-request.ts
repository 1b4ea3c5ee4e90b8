import { createHash } from "node:crypto";
import type { AuthorizationCodeGrant, Values } from "@cita/providers/accounts";
import { type RequestParams, single } from "../../request-params.ts";
import type { Incoming } from "../incoming.ts";
import { AccountRefusal } from "../refusals/account-refusal.ts";
import { checkClient, clientOf, readClientBasic } from "../templates/credentials.ts";

type Token = AuthorizationCodeGrant["token"];

/** The parameters of a request to the token endpoint, of the sandbox's client. @throws AccountRefusal */
export function readTokenRequest(token: Token, incoming: Incoming): RequestParams {
  const params = encodings[token.encoding](incoming);
  checkClient(clientAuthentications[token.clientAuthentication](token, params, incoming));
  return params;
}

const encodings = {
  query: ({ query }) => query,
  form: (incoming) => bodyOf(incoming, "application/x-www-form-urlencoded"),
  json: (incoming) => bodyOf(incoming, "application/json"),
} satisfies Record<Token["encoding"], (incoming: Incoming) => RequestParams>;

function bodyOf({ header, body }: Incoming, type: string): RequestParams {
  if (header("content-type")?.startsWith(type) !== true) throw new AccountRefusal("request_wrong");
  return body;
}

/** RFC 6749, section 2.3.1. */
const clientAuthentications = {
  fields: ({ clientIdParameter, clientSecretParameter }, params) =>
    clientOf(single(params, clientIdParameter), single(params, clientSecretParameter)),
  basic: (_token, _params, incoming) => readClientBasic(incoming),
} satisfies Record<
  Token["clientAuthentication"],
  (token: Token, params: RequestParams, incoming: Incoming) => Values
>;

type Pkce = AuthorizationCodeGrant["authorization"]["pkce"];

/** RFC 7636, section 4.6. */
export const verifierChecks = {
  S256: (verifier, challenge) =>
    verifier !== undefined && createHash("sha256").update(verifier).digest("base64url") === challenge,
  none: () => true,
} satisfies Record<Pkce, (verifier: string | undefined, challenge: string | undefined) => boolean>;
