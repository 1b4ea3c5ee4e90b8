import type { Values } from "@cita/providers/accounts";

/** Reads the values of placeholders back from a filled text; undefined: the template doesn't make this text. */
export type TextReader = (text: string) => Values | undefined;

/** @param valuePattern what a value may be, as the source of a regular expression without groups */
export function createTextReader(template: string, valuePattern = ".*"): TextReader {
  const names = [...template.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
  const literals = template.split(/\{\w+\}/).map(escapePattern);
  const pattern = new RegExp(`^${literals.join(`(${valuePattern})`)}$`, "s");
  return (text) => {
    const found = pattern.exec(text);
    if (found === null) return undefined;
    return Object.fromEntries(names.map((name, i) => [name, found[i + 1] ?? ""]));
  };
}

/**
 * The same of a URL without its query, whose values are encoded. The server has refused malformed encodings.
 * @param patterns what the values of some placeholders have to be
 */
export function createUrlReader(
  template: string,
  patterns: Readonly<Record<string, RegExp>> = {},
): TextReader {
  const read = createTextReader(template, "[^/]+");
  return (url) => {
    const encoded = read(url);
    if (encoded === undefined) return undefined;
    const values = Object.entries(encoded).map(([name, value]) => [name, decodeURIComponent(value)] as const);
    const isValid = values.every(([name, value]) => patterns[name]?.test(value) ?? true);
    return isValid ? Object.fromEntries(values) : undefined;
  };
}

function escapePattern(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}
