import type { Forgotten } from "@cita/token-store";

/** Who has to be given a new link. */
export function forgottenText({ disconnected, unlinked }: Forgotten): string {
  const customers = [...new Set([...disconnected, ...unlinked])];
  return `Connections deleted: ${disconnected.length}. Links revoked: ${unlinked.length}.
Ask admin-api for a new link for each of these customers: ${customers.join(", ")}
`;
}
