/**
 * A JSON-RPC error response.
 * @param id of the request that it answers; null where none could be read.
 * @param data for programs: a code, and what belongs to it.
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

/**
 * Cuts the message of an error response: the SDK's lists every problem of the parameters, and there may be thousands.
 * Answers of every other kind stay as they are.
 */
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
