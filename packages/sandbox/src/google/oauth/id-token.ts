import { generateKeyPair, type KeyObject, sign } from "node:crypto";
import { promisify } from "node:util";

/** What an id_token says of the account. https://developers.google.com/identity/openid-connect/openid-connect#an-id-tokens-payload */
export type IdentityClaims = {
  aud: string;
  sub: string;
  /** Only where the `email` scope was granted. */
  email: string | undefined;
  nonce: string | undefined;
};

/** Makes id_tokens, and tells how to check them. */
export type IdTokenIssuer = {
  /** @param wrong claims in place of the right ones; null leaves one out. */
  issue(claims: IdentityClaims, wrong?: Record<string, unknown>): Promise<string>;
  /** The public key, as Google's certs document (a JWK set). */
  certs(): Promise<{ keys: Record<string, unknown>[] }>;
};

const ISSUER = "https://accounts.google.com";
const KEY_ID = "google-sandbox";
const LIFETIME_SECONDS = 3600;

type KeyPair = { privateKey: KeyObject; publicKey: KeyObject };
const newKeyPair = promisify(generateKeyPair);

// A key takes 60 ms to make and tests start hundreds of sandboxes: one a process, made when first needed.
let processKey: Promise<KeyPair> | undefined;
function signingKey(): Promise<KeyPair> {
  processKey ??= newKeyPair("rsa", { modulusLength: 2048 });
  return processKey;
}

export function createIdTokenIssuer(now: () => number): IdTokenIssuer {
  return {
    async issue({ aud, sub, email, nonce }, wrong = {}) {
      const { privateKey } = await signingKey();
      const iat = Math.floor(now() / 1000);
      const payload = {
        iss: ISSUER,
        azp: aud,
        aud,
        sub,
        ...(email && { email, email_verified: true, ...workspaceOf(email) }),
        ...(nonce && { nonce }),
        iat,
        exp: iat + LIFETIME_SECONDS,
        ...wrong,
      };
      const unsigned = `${encode({ alg: "RS256", kid: KEY_ID, typ: "JWT" })}.${encode(withoutNulls(payload))}`;
      return `${unsigned}.${sign("sha256", Buffer.from(unsigned), privateKey).toString("base64url")}`;
    },
    async certs() {
      const { publicKey } = await signingKey();
      return { keys: [{ ...publicKey.export({ format: "jwk" }), kid: KEY_ID, alg: "RS256", use: "sig" }] };
    },
  };
}

/** Addresses elsewhere than at Gmail are those of a Workspace, which `hd` names. */
function workspaceOf(email: string): { hd?: string } {
  const [, domain = ""] = email.split("@");
  return domain === "gmail.com" || domain === "googlemail.com" ? {} : { hd: domain };
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString("base64url");
}

function withoutNulls(claims: object): object {
  return Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== null));
}
