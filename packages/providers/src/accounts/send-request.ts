import { requestIdHeaders } from "@cita/process";
import { atProviderHosts } from "../client-variables.ts";
import { retryAfterMs } from "../retry-after.ts";
import type { AccountAnswer } from "./dialects/verdict.ts";
import type { FilledRequest } from "./fill-template.ts";

/** Sends one request, follows no redirect, and reads the whole response within its limits. */
export type Send = (
  url: string,
  request: {
    readonly method: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string | undefined;
  },
  limits: { readonly timeoutMs: number; readonly maxBytes: number },
) => Promise<SentAnswer>;

export type SentAnswer = {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly text: string;
};

/** How requests leave this process. */
export type Senders = {
  /** To the provider's own hosts. */
  readonly toProvider: Send;
  /** To hosts that customers name: guarded. */
  readonly toNamedHost: Send;
  /** `PROVIDER_HOSTS_AT`: where all hosts are reached in development, without a trailing slash. */
  readonly hostsAt: string | undefined;
  /** In milliseconds, of one request. */
  readonly timeoutMs: number;
};

export type TimedAnswer = AccountAnswer & { readonly retryAfterMs: number | undefined };

const maxAnswerBytes = 262_144;

/** @throws where no complete response came. */
export async function sendRequest(
  { url, isToNamedHost, ...request }: FilledRequest,
  { toProvider, toNamedHost, hostsAt, timeoutMs }: Senders,
): Promise<TimedAnswer> {
  // A host at the operator's own address isn't the customer's.
  const send = isToNamedHost && hostsAt === undefined ? toNamedHost : toProvider;
  const headers = { ...requestIdHeaders(), ...request.headers };
  const limits = { timeoutMs, maxBytes: maxAnswerBytes };
  const answer = await send(atProviderHosts(url, hostsAt), { ...request, headers }, limits);
  return {
    status: answer.status,
    body: parseBody(answer.text),
    retryAfterMs: retryAfterMs(answer.headers),
  };
}

/** @returns the text itself where it isn't JSON. */
function parseBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
