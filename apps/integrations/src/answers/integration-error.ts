import { type ErrorCode, errorStatuses } from "@cita/integrations-api";

/** What a caller is told. The message is a sentence, and never has a secret or a text of a provider's. */
export class IntegrationError extends Error {
  override readonly name = "IntegrationError";
  readonly code: ErrorCode;
  readonly statusCode: number;
  /** After how many seconds it makes sense to ask again. */
  readonly retryAfterSeconds: number | undefined;
  constructor(
    code: ErrorCode,
    message: string,
    {
      retryAfterSeconds,
      ...options
    }: ErrorOptions & { readonly retryAfterSeconds?: number | undefined } = {},
  ) {
    super(message, options);
    this.code = code;
    this.statusCode = errorStatuses[code];
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

export function notFound(): IntegrationError {
  return new IntegrationError("INTEGRATION_NOT_FOUND", "There is no such integration.");
}
