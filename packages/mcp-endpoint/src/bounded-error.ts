/** A sentence, and where it belongs to; not all that a validation library has to say. */
const longestMessage = 500;

/** Cuts the message of a JSON-RPC error: the SDK's lists every problem of parameters, of which there may be thousands. */
export function boundError<Answer extends object>(answer: Answer): Answer {
  if (!("error" in answer) || !hasMessage(answer.error) || answer.error.message.length <= longestMessage)
    return answer;
  const message = `${answer.error.message.slice(0, longestMessage).toWellFormed()}…`;
  return { ...answer, error: { ...answer.error, message } };
}

function hasMessage(error: unknown): error is { readonly message: string } {
  return (
    typeof error === "object" && error !== null && "message" in error && typeof error.message === "string"
  );
}
