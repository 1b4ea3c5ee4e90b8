import type { Spellings } from "./spelling.ts";

/** https://learn.microsoft.com/en-us/entra/identity-platform/reference-error-codes */
function entraError(status: number, error: string, number: number) {
  const error_description = `AADSTS${number}: The request was refused. Trace ID: 00000000-0000-0000-0000-000000000000`;
  return { status, body: { error, error_description, error_codes: [number] } };
}

/** https://learn.microsoft.com/en-us/graph/errors */
const graphError = (status: number, code: string) => ({
  status,
  body: { error: { code, message: `The request was refused: ${code}.` } },
});

export const microsoft: Spellings = {
  token_expired: [graphError(401, "InvalidAuthenticationToken")],
  token_dead: [graphError(401, "InvalidAuthenticationToken")],
  scope_missing: [graphError(403, "ErrorAccessDenied"), graphError(403, "Authorization_RequestDenied")],
  code_dead: [
    entraError(400, "invalid_grant", 54_005),
    entraError(400, "invalid_grant", 70_008),
    entraError(400, "invalid_grant", 70_000),
  ],
  refresh_dead: [
    entraError(400, "invalid_grant", 700_082),
    entraError(400, "invalid_grant", 50_173),
    entraError(400, "invalid_grant", 65_001),
    entraError(400, "interaction_required", 50_076),
    entraError(400, "interaction_required", 53_003),
  ],
  // There is no revocation.
  revoke_dead: [entraError(400, "invalid_grant", 700_082)],
  client_wrong: [
    entraError(401, "invalid_client", 7_000_215),
    entraError(401, "invalid_client", 7_000_222),
    entraError(400, "unauthorized_client", 700_016),
  ],
  request_wrong: [entraError(400, "invalid_request", 900_144)],
  rate_limited: [{ ...graphError(429, "TooManyRequests"), headers: { "retry-after": "1" } }],
  server_error: [graphError(503, "serviceNotAvailable"), entraError(503, "temporarily_unavailable", 90_033)],
};
