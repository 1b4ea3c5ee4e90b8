import type { Outcome } from "./exchange.ts";
import { type FuzzRequest, isWhole } from "./fuzz-request.ts";

/** `server_error`: a 5xx or JSON-RPC's internal error. `no_answer`: reset, refused or never answered. */
export type Verdict = {
  readonly kind: "server_error" | "no_answer" | "internals_shown";
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
  return undefined;
}

/** The MCP library calls wrong parameters of `initialize` an error of its own (SDK 2.x, `_oninitialize`). */
function isInitialize({ body = "" }: FuzzRequest): boolean {
  return body.includes('"initialize"');
}
