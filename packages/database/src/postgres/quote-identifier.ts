/** For names in SQL texts; schemas have no other signs than those of `parsePostgresUrl`. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
