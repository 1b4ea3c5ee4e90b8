import type { Spellings } from "./spelling.ts";

/** https://developers.facebook.com/docs/graph-api/guides/error-handling */
function graphError(status: number, code: number, error_subcode?: number) {
  const message = `(#${code}) The request was refused.`;
  const subcode = error_subcode === undefined ? {} : { error_subcode };
  return {
    status,
    body: { error: { message, type: "OAuthException", code, ...subcode, fbtrace_id: "sandbox" } },
  };
}

/** https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login/business-login */
const instagramError = (code: number, error_message: string) => ({
  status: 400,
  body: { error_type: "OAuthException", code, error_message },
});

export const meta: Spellings = {
  token_expired: [graphError(401, 190, 463)],
  token_dead: [
    graphError(401, 190, 458),
    graphError(400, 190, 460),
    graphError(401, 190, 467),
    graphError(401, 190),
    graphError(400, 102),
  ],
  scope_missing: [graphError(403, 200), graphError(403, 10), graphError(400, 3), graphError(403, 294)],
  code_dead: [
    graphError(400, 100, 36_009),
    instagramError(400, "Matching code was not found or was already used"),
  ],
  // The access token itself is what is renewed.
  refresh_dead: [graphError(401, 190, 463), graphError(401, 190, 458)],
  revoke_dead: [graphError(401, 190, 458)],
  client_wrong: [graphError(400, 101), graphError(400, 1, 33)],
  request_wrong: [graphError(400, 100)],
  rate_limited: [
    graphError(400, 4),
    graphError(403, 17),
    graphError(400, 32),
    graphError(400, 613),
    graphError(400, 80_004),
  ],
  server_error: [graphError(500, 2), graphError(500, 1)],
};
