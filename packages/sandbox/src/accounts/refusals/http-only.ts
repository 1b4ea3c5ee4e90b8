import type { Spellings } from "./spelling.ts";

const error = (status: number, message: string) => ({ status, body: { errors: [{ field: null, message }] } });

/** SendGrid and WooCommerce: statuses alone. Neither has codes, refresh tokens or a revocation. */
export const httpOnly: Spellings = {
  token_expired: [error(401, "authorization required")],
  token_dead: [
    error(401, "authorization required"),
    { status: 401, body: { code: "woocommerce_rest_cannot_view", data: { status: 401 } } },
  ],
  scope_missing: [error(403, "access forbidden")],
  code_dead: [error(400, "bad request")],
  refresh_dead: [error(401, "authorization required")],
  revoke_dead: [error(404, "not found"), error(410, "gone")],
  client_wrong: [error(401, "authorization required")],
  request_wrong: [error(400, "bad request")],
  rate_limited: [{ ...error(429, "too many requests"), headers: { "retry-after": "1" } }],
  server_error: [error(503, "unavailable"), error(500, "internal error")],
};
