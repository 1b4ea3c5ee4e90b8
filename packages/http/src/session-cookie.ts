/**
 * The name of the cookie with the panel's session. admin-api sets it; other services read it where they are reached at the
 * same host. `__Host-` binds it to https and to the very host (RFC 6265bis, section 4.1.3.2).
 * @param adminUrl where admin-api is reached from outside
 */
export function sessionCookieName(adminUrl: string): string {
  return `${adminUrl.startsWith("https:") ? "__Host-" : ""}cita_session`;
}
