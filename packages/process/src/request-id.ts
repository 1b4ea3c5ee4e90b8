import { randomUUID } from "node:crypto";

/** The header that carries a request's id from one service to the next, and back in the answer. */
export const requestIdHeader = "x-request-id";

/** Ids that others make are UUIDs, ULIDs, hex or the like; anything else could put its own words into our log. */
const plainId = /^[A-Za-z0-9._-]{8,64}$/;

/** The id a caller gave its request, if it has the shape of one, or a new one. */
export function requestIdOf(header: string | string[] | undefined): string {
  return typeof header === "string" && plainId.test(header) ? header : randomUUID();
}
