import { AsyncLocalStorage } from "node:async_hooks";
import { randomUUID } from "node:crypto";

/** The header that carries a request's id from one service to the next, and back in the answer. */
export const requestIdHeader = "x-request-id";

/** The header by which one service tells the next who has asked for a change. */
export const actorHeader = "x-actor";

/** The form of ids from callers: UUIDs, ULIDs, hex. Any other text would put a caller's words into our log. */
const plainId = /^[A-Za-z0-9._-]{8,64}$/;

/** The caller's id of its request if it has the form of one, else a new random id. */
export function toRequestId(header: string | string[] | undefined): string {
  return typeof header === "string" && plainId.test(header) ? header : randomUUID();
}

const plainActor = /^(?:program|(?:user|owner):[A-Za-z0-9._:-]{1,64})$/;

/** Who has asked, if the header has the form of one: `program`, `user:<id>` or `owner:<customer_id>`. */
export function toActor(header: string | string[] | undefined): string | undefined {
  return typeof header === "string" && plainActor.test(header) ? header : undefined;
}

type Scope = { readonly requestId?: string; readonly actor?: string };

const scopes = new AsyncLocalStorage<Scope>();

/** Runs a function so that `currentRequestId` is this id in it and in everything asynchronous that it starts. */
export function runWithRequestId<Result>(requestId: string, work: () => Result): Result {
  return scopes.run({ ...scopes.getStore(), requestId }, work);
}

/** The same with `currentActor`, whoever has asked for what the function does. */
export function runWithActor<Result>(actor: string, work: () => Result): Result {
  return scopes.run({ ...scopes.getStore(), actor }, work);
}

/** The id of the request that the current code runs for; undefined in background work. */
export function currentRequestId(): string | undefined {
  return scopes.getStore()?.requestId;
}

/** Who has asked for what the current code does; undefined: nobody, or an agent. */
export function currentActor(): string | undefined {
  return scopes.getStore()?.actor;
}

/** The headers by which an outgoing request has the current request's id. */
export function requestIdHeaders(): Record<string, string> {
  const id = currentRequestId();
  return id === undefined ? {} : { [requestIdHeader]: id };
}
