/** A problem in a body: where it is, and what to do about it. */
export type Problem = { readonly path: readonly PropertyKey[]; readonly message: string };

/** A member of a value of any type. */
export function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string, unknown>)[name];
}
