/** The codes of this service's errors, with their statuses: source 003's, and ours. */
export const errorStatuses = {
  OAUTH_FAILED: 400,
  INVALID_PROVIDER: 400,
  VALIDATION_ERROR: 400,
  WEBHOOK_URL_REFUSED: 400,
  TOKEN_EXPIRED: 401,
  REFRESH_FAILED: 401,
  UNAUTHORIZED: 401,
  FORBIDDEN: 403,
  INTEGRATION_NOT_FOUND: 404,
  WEBHOOK_NOT_FOUND: 404,
  DELIVERY_NOT_FOUND: 404,
  NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  REQUEST_TIMEOUT: 408,
  TOO_MANY_WEBHOOKS: 409,
  WEBHOOK_INACTIVE: 409,
  PAYLOAD_TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  RATE_LIMITED: 429,
  SYNC_FAILED: 500,
  INTERNAL_ERROR: 500,
  PROVIDER_ERROR: 502,
  UNAVAILABLE: 503,
} as const satisfies Readonly<Record<string, number>>;

export type ErrorCode = keyof typeof errorStatuses;

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
