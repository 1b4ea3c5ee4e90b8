import type { Values } from "./call-authentications.ts";
import type { Facts, TokenResponseFields } from "./definition.ts";
import { readLabel, readPath, readText } from "./json-path.ts";

/** What a token response tells. Times are left to the caller: they count from the response. */
export type TokenResponse = {
  readonly accessToken: string;
  readonly refreshToken: string | null;
  /** Null: not said. */
  readonly expiresInSeconds: number | null;
  readonly refreshExpiresInSeconds: number | null;
  /** Null: not said, so that it is as was asked (RFC 6749, section 5.1). */
  readonly scopes: readonly string[] | null;
  readonly tokenType: string | null;
  readonly facts: Values;
};

/** @returns undefined where there is no usable access token in it. */
export function readTokenResponse(body: unknown, fields: TokenResponseFields): TokenResponse | undefined {
  const accessToken = readText(body, fields.accessToken);
  if (accessToken === undefined || !isToken(accessToken)) return undefined;
  return {
    accessToken,
    refreshToken: readText(body, fields.refreshToken) ?? null,
    expiresInSeconds: readSeconds(body, fields.expiresIn),
    refreshExpiresInSeconds: readSeconds(body, fields.refreshExpiresIn),
    scopes: readScopes(body, fields.scope),
    tokenType: readLabel(body, [fields.tokenType]) ?? null,
    facts: readFacts(body, fields.facts),
  };
}

/** RFC 6749, appendix A.12: anything else can't be sent in a header, whose error would quote it. */
function isToken(text: string): boolean {
  return /^[\x20-\x7e]+$/.test(text);
}

/** Longer lives are none that end; beyond the year 9999 their times couldn't be stored in order. */
const maxSeconds = 100 * 365 * 86_400;

/** Some say 0 for what doesn't end. */
function readSeconds(body: unknown, path: string): number | null {
  const seconds = Number(readText(body, path));
  return seconds > 0 && seconds <= maxSeconds ? seconds : null;
}

function readScopes(body: unknown, path: string): readonly string[] | null {
  const value = readPath(body, path);
  if (Array.isArray(value)) return value.filter((one): one is string => typeof one === "string");
  return typeof value === "string" ? splitScopes(value) : null;
}

export function splitScopes(text: string): readonly string[] {
  return text.split(/[\s,]+/).filter((scope) => scope !== "");
}

/** Those that a document has. */
export function readFacts(document: unknown, facts: Facts = {}): Values {
  return Object.fromEntries(
    Object.entries(facts).flatMap(([name, at]) => {
      const value = typeof at === "string" ? readText(document, at) : hostOf(readText(document, at.hostOf));
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

function hostOf(url: string | undefined): string | undefined {
  return url !== undefined && URL.canParse(url) ? new URL(url).host : undefined;
}
