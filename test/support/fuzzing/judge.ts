import type { Answer, Outcome } from "./exchange.ts";
import { type FuzzRequest, isWhole } from "./fuzz-request.ts";

/**
 * `server_error`: a 5xx or JSON-RPC's internal error. `no_answer`: reset, refused or never answered. `not_enveloped`: a
 * refusal of the integration service in another shape than that of all the others. `key_shown`: an answer has the caller's
 * own key in it.
 */
export type Verdict = {
  readonly kind: "server_error" | "no_answer" | "internals_shown" | "not_enveloped" | "key_shown";
  readonly detail: string;
};

/** What is wrong with how a request was answered. Being refused never is. */
export function judge(request: FuzzRequest, outcome: Outcome): Verdict | undefined {
  if ("failure" in outcome) return { kind: "no_answer", detail: outcome.failure };
  const { statuses, text } = outcome.answer;
  const failed = statuses.find((status) => status >= 500);
  if (failed !== undefined) return { kind: "server_error", detail: `${failed} ${text.slice(0, 300)}` };
  if (statuses.length === 0 && isWhole(request))
    return { kind: "no_answer", detail: "the connection was closed" };
  if (/"code":\s*-32603\b/.test(text) && !isInitialize(request))
    return { kind: "server_error", detail: text.slice(0, 300) };
  if (/\n\s+at .+:\d+:\d+|node_modules|SQLITE_|Something went wrong on our side/.test(text))
    return { kind: "internals_shown", detail: text.slice(0, 300) };
  if (keysOf(request).some((key) => text.includes(key)))
    return { kind: "key_shown", detail: `${statuses[0]}` };
  if (request.service === "integrations" && !isEnveloped(request, outcome.answer))
    return { kind: "not_enveloped", detail: `${statuses[0]} ${text.slice(0, 300)}` };
  return undefined;
}

/** What a mutation has made of a key isn't one any more. */
function keysOf({ headers }: FuzzRequest): readonly string[] {
  return headers.flatMap(([name, value]) => {
    const [, key] = /^Bearer ([\w-]{20,60})$/.exec(value) ?? [];
    return name === "Authorization" && key !== undefined ? [key] : [];
  });
}

/** What every service answers in the same shape. */
const sharedPaths = /^\/(?:health|ready|metrics|docs)\b/;

/** What is no HTTP is refused before any service sees it. */
const isBeforeService = /^\{"statusCode":4\d\d,"code":"(?:invalid_http|headers_too_large|request_timeout)"/;

/** Refusals of what is no HTTP come before any service, and pages are for browsers that ask for them. */
function isEnveloped(request: FuzzRequest, { statuses: [status = 0], headers, text }: Answer): boolean {
  if (status < 400 || isBeforeService.test(text) || request.method === "HEAD" || request.bytes !== undefined)
    return true;
  const type = headers["content-type"] ?? "";
  // Only of answers that were read as HTTP the headers are known.
  if (type === "" || sharedPaths.test(request.target)) return true;
  if (type.startsWith("text/html")) return request.target.includes("/oauth/");
  return /^\{"success":false,"error":\{"code":"[A-Z_]+","message":"/.test(text);
}

/** The MCP library calls wrong parameters of `initialize` an error of its own (SDK 2.x, `_oninitialize`). */
function isInitialize({ body = "" }: FuzzRequest): boolean {
  return body.includes('"initialize"');
}
