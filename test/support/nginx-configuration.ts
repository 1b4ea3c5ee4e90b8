/** A directive of nginx: `name value … ;`, or with a block. */
export type Directive = {
  readonly name: string;
  readonly values: readonly string[];
  readonly block: readonly Directive[] | undefined;
};

const token = /\s+|#.*|([{};])|"((?:\\.|[^"\\])*)"|'((?:\\.|[^'\\])*)'|((?:\$\{\w+\}|[^\s;{}"'])+)/y;

/** @throws Error where it isn't nginx's syntax. Which directives there are, and where they may be, isn't known here. */
export function parseNginx(text: string): Directive[] {
  const open: { directives: Directive[]; words: string[] }[] = [{ directives: [], words: [] }];
  token.lastIndex = 0;
  while (token.lastIndex < text.length) {
    const line = text.slice(0, token.lastIndex).split("\n").length;
    const [, sign, ...quoted] = token.exec(text) ?? fail(line);
    const current = open.at(-1) ?? fail(line);
    const word = quoted.find((part) => part !== undefined);
    if (word !== undefined) current.words.push(word);
    if (sign === undefined) continue;
    if (sign === "{") {
      open.push({ directives: [], words: [] });
      continue;
    }
    if (sign === "}" && (current.words.length > 0 || open.length === 1)) fail(line);
    const block = sign === "}" ? open.pop()?.directives : undefined;
    const parent = open.at(-1) ?? fail(line);
    const [name = fail(line), ...values] = parent.words.splice(0);
    parent.directives.push({ name, values, block });
  }
  const [top, ...unclosed] = open;
  if (top === undefined || unclosed.length > 0 || top.words.length > 0) return fail("the end");
  return top.directives;
}

function fail(line: number | string): never {
  throw new Error(`nginx's configuration can't be read at line ${line}`);
}
