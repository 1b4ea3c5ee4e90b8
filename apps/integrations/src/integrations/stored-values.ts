/** How values stand in columns: times, objects and lists. */

export function toDate(text: string | null): Date | null {
  return text === null ? null : new Date(text);
}

export function toText(time: Date | null): string | null {
  return time?.toISOString() ?? null;
}

/** Damaged JSON counts as empty, so that one row can't fail a list. */
export function readObject<Value>(text: string): Readonly<Record<string, Value>> {
  const value = parse(text);
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject ? (value as Record<string, Value>) : {};
}

export function readList(text: string): readonly string[] {
  const value = parse(text);
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
