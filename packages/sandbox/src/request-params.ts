/** A parsed query string or form: a parameter given twice arrives as a list. */
export type RequestParams = Record<string, string | string[] | undefined>;

/** The last value given for a parameter; an empty one counts as not given. */
export function single(params: RequestParams, name: string): string | undefined {
  const value = params[name];
  const last = Array.isArray(value) ? value.at(-1) : value;
  return last === "" ? undefined : last;
}

/** Every value given for a repeatable parameter. */
export function every(params: RequestParams, name: string): string[] {
  const value = params[name];
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}
