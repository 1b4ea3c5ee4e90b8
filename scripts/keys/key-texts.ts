import type { Forgotten } from "@cita/token-store";

/** Printed by `generate`: a new key, and what to do with it. */
export function newKeyText(key: string): string {
  return `${key}

This is a new key. It is shown once and stored nowhere.

1. Put it FIRST in TOKEN_ENCRYPTION_KEY, before the keys that are there, with a comma in between.
   Keep the old ones: what is stored still needs them.
2. Restart every mcp-calendar.
3. npm run keys -- rotate
`;
}

/** Printed by `forget`: the customers that need a new link. */
export function forgottenText({ disconnected, unlinked }: Forgotten): string {
  const customers = [...new Set([...disconnected, ...unlinked])];
  return `Connections deleted: ${disconnected.length}. Links revoked: ${unlinked.length}.
Ask admin-api for a new link for each of these customers: ${customers.join(", ")}
`;
}
