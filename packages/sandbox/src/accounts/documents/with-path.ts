import { type JsonPath, segmentsOf } from "@cita/providers/accounts";

/**
 * The document with these values at these paths, and all that is needed on the way: the inverse of `readPath`. A value that
 * is null or undefined is left out.
 */
export function withPaths(
  document: object,
  values: readonly (readonly [path: JsonPath, value: unknown])[],
): object {
  const filled = values.reduce<unknown>(
    (whole, [path, value]) =>
      value === undefined || value === null ? whole : put(whole, segmentsOf(path), value),
    document,
  );
  return isObject(filled) ? filled : {};
}

function put(target: unknown, [segment, ...rest]: readonly string[], value: unknown): unknown {
  if (segment === undefined) return value;
  if (/^\d+$/.test(segment)) {
    const list: unknown[] = Array.isArray(target) ? [...target] : [];
    list[Number(segment)] = put(list[Number(segment)], rest, value);
    return list;
  }
  const object: Readonly<Record<string, unknown>> = isObject(target) ? target : {};
  return { ...object, [segment]: put(object[segment], rest, value) };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
