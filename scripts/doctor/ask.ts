const defaultTimeoutMs = 4_000;

/** An answer of any status, or the reason why there was none. */
export type Answer =
  | { readonly kind: "answered"; readonly status: number; readonly headers: Headers; readonly body: string }
  | { readonly kind: "silent"; readonly reason: string };

/** One request with a timeout, which never throws. A redirect is an answer and isn't followed. */
export async function ask(
  url: string,
  init: RequestInit = {},
  timeoutMs = defaultTimeoutMs,
): Promise<Answer> {
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    const response = await fetch(url, { ...init, redirect: "manual", signal });
    return {
      kind: "answered",
      status: response.status,
      headers: response.headers,
      body: await response.text(),
    };
  } catch (error) {
    return { kind: "silent", reason: toReason(error, timeoutMs) };
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOTFOUND: "its name is not known to the DNS",
  EAI_AGAIN: "the DNS doesn't answer",
  ECONNREFUSED: "nothing listens there",
  ECONNRESET: "the connection was cut",
  EHOSTUNREACH: "there is no route to it",
  ENETUNREACH: "there is no route to it",
  CERT_HAS_EXPIRED: "its TLS certificate has expired",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its TLS certificate is self-signed",
  SELF_SIGNED_CERT_IN_CHAIN: "its TLS certificate is self-signed",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its TLS certificate chain is incomplete",
  ERR_TLS_CERT_ALTNAME_INVALID: "its TLS certificate is for another name",
};

function toReason(error: unknown, timeoutMs: number): string {
  const { name, cause } = error as { name?: unknown; cause?: unknown };
  if (name === "TimeoutError") return `it didn't answer within ${timeoutMs / 1000} seconds`;
  const code = (cause as { code?: unknown } | undefined)?.code;
  if (typeof code !== "string") return "the connection failed";
  return reasons[code] ?? `the connection failed (${code})`;
}
