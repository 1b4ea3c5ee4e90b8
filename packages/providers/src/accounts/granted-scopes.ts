import type { AccountProvider } from "./definition.ts";

/** Short names of scopes come back long: Google's `email`, and Microsoft's with the resource before them. */
export function isGranted(scope: string, granted: readonly string[]): boolean {
  if (unreported.has(scope)) return true;
  const names = [
    scope,
    `https://www.googleapis.com/auth/userinfo.${scope}`,
    `https://graph.microsoft.com/${scope}`,
  ];
  return granted.some((one) => names.some((name) => name.toLowerCase() === one.toLowerCase()));
}

/** They tell what comes with the tokens, and some don't list them among what was granted. */
const unreported = new Set(["openid", "profile", "email", "offline_access", "refresh_token"]);

/** The capabilities that an account's scopes suffice for, by their names. */
export function grantedCapabilities(
  { capabilities }: Pick<AccountProvider, "capabilities">,
  granted: readonly string[],
): readonly string[] {
  const suffices = ({ scopes }: { readonly scopes: readonly string[] }) =>
    scopes.every((scope) => isGranted(scope, granted));
  return capabilities.filter(suffices).map(({ name }) => name);
}
