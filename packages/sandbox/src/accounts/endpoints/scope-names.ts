import type { AccountDialectName } from "@cita/providers/accounts";

/** Scopes whose names in a token response aren't those of the request. */
const scopeNames: Partial<Readonly<Record<AccountDialectName, (scope: string) => string>>> = {
  // https://developers.google.com/identity/protocols/oauth2/scopes
  google: (scope) =>
    scope === "email" || scope === "profile" ? `https://www.googleapis.com/auth/userinfo.${scope}` : scope,
  // https://learn.microsoft.com/en-us/entra/identity-platform/scopes-oidc
  microsoft: (scope) => (/^[A-Z]/.test(scope) ? `https://graph.microsoft.com/${scope}` : scope),
};

export function nameScope(dialect: AccountDialectName, scope: string): string {
  return scopeNames[dialect]?.(scope) ?? scope;
}
