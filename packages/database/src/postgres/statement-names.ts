/** So that no caller that makes texts of its own fills the server's memory. */
const maxNames = 400;
/** Most texts that are made for one occasion come once. */
const unnamedUses = 2;

/** Names the texts of statements. */
export type StatementNames = (text: string) => string | undefined;

/**
 * A statement with a name is parsed once a connection, and planned until the server finds that one plan is as good for all
 * values: of what a short statement costs there, that is most.
 * @returns a function that names a text from its third use on.
 * @see https://www.postgresql.org/docs/current/sql-prepare.html
 */
export function createStatementNames(): StatementNames {
  const uses = new Map<string, number>();
  const names = new Map<string, string>();
  return (text) => {
    const known = names.get(text);
    if (known !== undefined) return known;
    if (names.size >= maxNames || !isNameable(text)) return undefined;
    const count = (uses.get(text) ?? 0) + 1;
    if (count <= unnamedUses) {
      if (uses.size >= 10 * maxNames) uses.clear();
      uses.set(text, count);
      return undefined;
    }
    uses.delete(text);
    const name = `s${names.size}`;
    names.set(text, name);
    return name;
  };
}

/**
 * Whether a text may get a name. One with `*` for all columns may not: a later version's migration adds columns while this one runs, and the server then
 * refuses what was prepared.
 */
export function isNameable(text: string): boolean {
  if (!/^\s*(?:select|insert|update|delete|with)\b/i.test(text)) return false;
  return !text.replaceAll("count(*)", "").includes("*");
}
