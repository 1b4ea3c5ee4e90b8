import { AsyncLocalStorage } from "node:async_hooks";
import { randomUUID } from "node:crypto";

/** The header that carries a request's id from one service to the next, and back in the answer. */
export const requestIdHeader = "x-request-id";

/** Ids that others make are UUIDs, ULIDs, hex or the like; anything else could put its own words into our log. */
const plainId = /^[A-Za-z0-9._-]{8,64}$/;

/** The id a caller gave its request, if it has the shape of one, or a new one. */
export function requestIdOf(header: string | string[] | undefined): string {
  return typeof header === "string" && plainId.test(header) ? header : randomUUID();
}

const requestIds = new AsyncLocalStorage<string>();

/** Does something on behalf of a request: whatever it leads to, awaited or not, knows the request's id. */
export function onBehalfOf<Result>(requestId: string, work: () => Result): Result {
  return requestIds.run(requestId, work);
}

/** The id of the request that led here; undefined for what a service does by itself. */
export function currentRequestId(): string | undefined {
  return requestIds.getStore();
}

/** What a further request carries of the one that led to it. */
export function passedOnHeaders(): Record<string, string> {
  const id = currentRequestId();
  return id === undefined ? {} : { [requestIdHeader]: id };
}
