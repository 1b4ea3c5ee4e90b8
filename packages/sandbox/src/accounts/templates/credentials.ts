import { createHmac } from "node:crypto";
import type { RequestTemplate, Values } from "@cita/providers/accounts";
import { SANDBOX_CLIENT } from "../../clients.ts";
import { single } from "../../request-params.ts";
import type { Incoming } from "../incoming.ts";
import { AccountRefusal } from "../refusals/account-refusal.ts";

type Authentication = RequestTemplate["authentication"];

/** Whose request it is. @throws AccountRefusal where it doesn't say so in this way */
export function readCredentials(authentication: Authentication, incoming: Incoming): Values {
  return readers[authentication](incoming);
}

/** The inverse of `callAuthentications`. */
const readers = {
  none: () => ({}),
  bearer: (incoming) => ({ access_token: authorization(incoming, "Bearer") }),
  oauth_word: (incoming) => ({ access_token: authorization(incoming, "OAuth") }),
  shopify_header: (incoming) => ({ access_token: tokenHeader(incoming, "x-shopify-access-token") }),
  tiktok_ads_header: (incoming) => ({ access_token: tokenHeader(incoming, "access-token") }),
  basic_keys: (incoming) => ({ access_token: fromBase64(authorization(incoming, "Basic")) }),
  client_basic: readClientBasic,
  client_fields: ({ body }) => clientOf(single(body, "client_id"), single(body, "client_secret")),
  client_secret_bearer: (incoming) => ({
    client_secret: authorization(incoming, "Bearer", "client_wrong"),
  }),
  meta_proof(incoming) {
    const token = authorization(incoming, "Bearer");
    const proof = createHmac("sha256", SANDBOX_CLIENT.secret).update(token).digest("hex");
    if (single(incoming.query, "appsecret_proof") !== proof) throw new AccountRefusal("request_wrong");
    return { access_token: token };
  },
} satisfies Record<Authentication, (incoming: Incoming) => Values>;

/** RFC 6749, section 2.3.1: both halves are form-encoded. */
export function readClientBasic(incoming: Incoming): Values {
  const [id = "", secret = ""] = fromBase64(authorization(incoming, "Basic", "client_wrong")).split(":");
  return clientOf(decodeURIComponent(id), decodeURIComponent(secret));
}

export function clientOf(id = "", secret = ""): Values {
  return { client_id: id, client_secret: secret };
}

/** @throws AccountRefusal where a request names another client than the sandbox's. */
export function checkClient({ client_id, client_secret }: Values): void {
  const { id, secret } = SANDBOX_CLIENT;
  const isOurs = (client_id ?? id) === id && (client_secret ?? secret) === secret;
  if (!isOurs) throw new AccountRefusal("client_wrong");
}

function authorization(
  incoming: Incoming,
  scheme: string,
  otherwise: "token_dead" | "client_wrong" = "token_dead",
): string {
  const [word, given] = incoming.header("authorization")?.split(" ") ?? [];
  if (word !== scheme || given === undefined || given === "") throw new AccountRefusal(otherwise);
  return given;
}

function tokenHeader(incoming: Incoming, name: string): string {
  const token = incoming.header(name);
  if (token === undefined) throw new AccountRefusal("token_dead");
  return token;
}

function fromBase64(text: string): string {
  return Buffer.from(text, "base64").toString();
}
