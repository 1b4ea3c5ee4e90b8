/** What Google answers for a code where it gives access for an hour alone: no refresh token. @param now epoch milliseconds */
export function grantWithoutRefreshToken(email: string, now: number): object {
  const iat = Math.floor(now / 1_000);
  const claims = {
    ...{ iss: "https://accounts.google.com", aud: "sandbox-client", sub: "1", email, email_verified: true },
    ...{ iat, exp: iat + 3_600 },
  };
  return {
    ...{ access_token: "ya29.x", expires_in: 3_599 },
    scope: "openid https://www.googleapis.com/auth/calendar.events",
    id_token: `x.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.x`,
  };
}
