/** Something wrong in a body: where, and what to do about it. */
export type Problem = { readonly path: readonly PropertyKey[]; readonly message: string };

/** A member of whatever it is. */
export function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string, unknown>)[name];
}
