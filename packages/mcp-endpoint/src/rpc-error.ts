/**
 * A JSON-RPC error response.
 * @param id of the request; null where it has none.
 * @param data a code and its details, for programs.
 */
export function rpcError(
  code: number,
  message: string,
  id: string | number | null = null,
  data?: Readonly<Record<string, unknown>>,
) {
  return { jsonrpc: "2.0", id, error: { code, message, ...(data && { data }) } };
}

const maxMessageLength = 500;

/** Truncates an error response's message: the SDK's lists every problem of the parameters, maybe thousands. */
export function boundError<Answer extends object>(response: Answer): Answer {
  if (!("error" in response) || !hasMessage(response.error)) return response;
  if (response.error.message.length <= maxMessageLength) return response;
  const message = `${response.error.message.slice(0, maxMessageLength).toWellFormed()}…`;
  return { ...response, error: { ...response.error, message } };
}

function hasMessage(error: unknown): error is { readonly message: string } {
  return (
    typeof error === "object" && error !== null && "message" in error && typeof error.message === "string"
  );
}
