import { AsyncLocalStorage } from "node:async_hooks";
import { requestIdHeader } from "./request-id.ts";

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
