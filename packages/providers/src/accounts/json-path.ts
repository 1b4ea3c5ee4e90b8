import type { JsonPath } from "./definition.ts";

/** The value at a path of a JSON document, such as `data.list[0].id`; undefined: there is none. */
export function readPath(document: unknown, path: JsonPath): unknown {
  return segmentsOf(path).reduce<unknown>(
    (value, segment) =>
      typeof value === "object" && value !== null && Object.hasOwn(value, segment)
        ? Reflect.get(value, segment)
        : undefined,
    document,
  );
}

/** A text or a number at a path, as text; undefined: there is nothing else there that tells something. */
export function readText(document: unknown, path: JsonPath): string | undefined {
  const value = readPath(document, path);
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value !== "" ? value : undefined;
}

const maxLabelLength = 200;

/** The first text of several paths that something is left of as a name: of one line, without control characters. */
export function readLabel(document: unknown, paths: readonly JsonPath[]): string | undefined {
  for (const path of paths) {
    // PostgreSQL stores neither U+0000 nor half a surrogate pair.
    const text = readText(document, path)?.slice(0, maxLabelLength).toWellFormed();
    const label = text?.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ").trim();
    if (label) return label;
  }
  return undefined;
}

export function segmentsOf(path: JsonPath): readonly string[] {
  return path.split(/[.[\]]+/).filter((segment) => segment !== "");
}
