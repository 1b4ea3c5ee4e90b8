/**
 * Nothing was sent: `url_refused`, for its scheme, port or credentials; `address_refused`, because the host is or has
 * an address that isn't public; `request_refused`, because the method or a header isn't HTTP's or isn't the caller's.
 * The host may have received the request: `timed_out`, `too_long`, `unreachable`.
 */
export type EgressErrorCode =
  | "url_refused"
  | "address_refused"
  | "request_refused"
  | "timed_out"
  | "too_long"
  | "unreachable";

/** There is no response to return. The message names the host, and never the path, the query or a header. */
export class EgressError extends Error {
  override readonly name = "EgressError";
  readonly code: EgressErrorCode;
  constructor(code: EgressErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** What is only known once the request is under way. */
type FailureCode = Exclude<EgressErrorCode, "url_refused" | "address_refused">;

const codeOfCause: Readonly<Record<string, FailureCode>> = {
  UND_ERR_INVALID_ARG: "request_refused",
  UND_ERR_NOT_SUPPORTED: "request_refused",
  UND_ERR_REQ_CONTENT_LENGTH_MISMATCH: "request_refused",
  UND_ERR_CONNECT_TIMEOUT: "timed_out",
  ETIMEDOUT: "timed_out",
  UND_ERR_HEADERS_OVERFLOW: "too_long",
};

const describe: Readonly<Record<FailureCode, (host: string) => string>> = {
  request_refused: (host) => `the request to ${host} has a method or a header that can't be sent`,
  timed_out: (host) => `${host} didn't respond in time`,
  too_long: (host) => `the response of ${host} has too many headers`,
  unreachable: (host) => `${host} gave no complete response`,
};

/** @param cause what undici, a socket, a look-up or a signal has failed with. */
export function toEgressError(cause: unknown, host: string): EgressError {
  if (cause instanceof EgressError) return cause;
  const code = toCode(cause);
  return new EgressError(code, describe[code](host), { cause });
}

function toCode(cause: unknown): FailureCode {
  if (!(cause instanceof Error)) return "unreachable";
  if (cause.name === "TimeoutError") return "timed_out";
  return codeOfCause["code" in cause ? String(cause.code) : ""] ?? "unreachable";
}
