import { AsyncLocalStorage } from "node:async_hooks";
import { randomUUID } from "node:crypto";

/** The header that carries a request's id from one service to the next, and back in the answer. */
export const requestIdHeader = "x-request-id";

/** The form of ids from callers: UUIDs, ULIDs, hex. Any other text would put a caller's words into our log. */
const plainId = /^[A-Za-z0-9._-]{8,64}$/;

/** The caller's id of its request if it has the form of one, else a new random id. */
export function toRequestId(header: string | string[] | undefined): string {
  return typeof header === "string" && plainId.test(header) ? header : randomUUID();
}

const requestIds = new AsyncLocalStorage<string>();

/** Runs a function so that `currentRequestId` is this id in it and in everything asynchronous that it starts. */
export function runWithRequestId<Result>(requestId: string, work: () => Result): Result {
  return requestIds.run(requestId, work);
}

/** The id of the request that the current code runs for; undefined in background work. */
export function currentRequestId(): string | undefined {
  return requestIds.getStore();
}

/** The headers by which an outgoing request has the current request's id. */
export function requestIdHeaders(): Record<string, string> {
  const id = currentRequestId();
  return id === undefined ? {} : { [requestIdHeader]: id };
}
