import { z } from "zod";

/** The codes of the service's errors, with their statuses: source 003's, and ours. */
export const errorStatuses = {
  OAUTH_FAILED: 400,
  INVALID_PROVIDER: 400,
  VALIDATION_ERROR: 400,
  REDIRECT_URI_REFUSED: 400,
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

/** Source 003's envelope. `code` is stable, `message` is for people. */
export const failureResponse = z.object({
  success: z.literal(false),
  error: z.object({
    code: z.enum(Object.keys(errorStatuses) as [ErrorCode, ...ErrorCode[]]),
    message: z.string(),
  }),
});

export function successOf<Data extends z.ZodType>(data: Data) {
  return z.object({ success: z.literal(true), data });
}

export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({
    success: z.literal(true),
    data: z.array(item),
    nextCursor: z.string().nullable().meta({ description: "Of the next page; null: this was the last one." }),
  });
}
