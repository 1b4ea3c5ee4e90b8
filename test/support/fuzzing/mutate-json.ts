import { hostileText, hostileValue, ownMember } from "./hostile.ts";
import type { Random } from "./random.ts";

type Branch = Record<string, unknown> | unknown[];

/** A copy with one place of it changed. */
export function mutateJson(value: unknown, random: Random): unknown {
  const copy: unknown = structuredClone(value);
  const branches = branchesOf(copy);
  if (branches.length === 0 || random.chance(0.05)) return hostileValue(random);
  const branch = random.pick(branches);
  const names = Object.keys(branch);
  const name = names.length === 0 ? "" : random.pick(names);
  const kind = random.below(8);
  if (kind <= 3 && names.length > 0) setMember(branch, name, hostileValue(random));
  else if (kind === 4) delete (branch as Record<string, unknown>)[name];
  else if (kind === 5) setMember(branch, hostileText(random), hostileValue(random));
  else if (kind === 6 && names.length > 0) setMember(branch, name, wrap(memberOf(branch, name), random));
  else if (Array.isArray(branch)) branch.push(...branch, ...Array(random.pick([1, 50])).fill(branch[0]));
  else setMember(branch, random.pick(["__proto__", "constructor"]), { isAdmin: true });
  return copy;
}

function branchesOf(value: unknown): Branch[] {
  if (typeof value !== "object" || value === null) return [];
  return [value as Branch, ...Object.values(value).flatMap(branchesOf)];
}

function memberOf(branch: Branch, name: string): unknown {
  return (branch as Record<string, unknown>)[name];
}

function setMember(branch: Branch, name: string, value: unknown): void {
  Object.defineProperty(branch, name, { value, enumerable: true, configurable: true, writable: true });
}

/** The same value in another type. */
function wrap(value: unknown, random: Random): unknown {
  const ways: (() => unknown)[] = [
    () => [value],
    () => ({ value }),
    () => ownMember("__proto__", value),
    () => textOf(value),
    () => Number(textOf(value)),
    () => `${textOf(value)}\u0000`,
    () => ` ${textOf(value)} `,
    () => [value, value],
  ];
  return random.pick(ways)();
}

/** By its JSON: a member `toString` among its own would break the language's way. */
function textOf(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}

/** JSON text that is broken, or that parsers read differently. */
export function mutateJsonText(text: string, random: Random): string | Buffer {
  const cut = random.below(text.length + 1);
  const ways: (() => string | Buffer)[] = [
    () => text.slice(0, cut),
    () => `${text}${text}`,
    () => `${text},`,
    () => `\ufeff${text}`,
    () => ` \n\t${text}\n`,
    () => text.replace("{", '{"__proto__": {"isAdmin": true}, '),
    () => text.replace("{", '{"constructor": {"prototype": {"isAdmin": true}}, '),
    () => text.replace(/\{("[^"]*"):/, "{$1: null, $1:"),
    () => text.replace(/:\s*("[^"]*"|\d+)/, ": 1e400"),
    () => text.replace(/:\s*("[^"]*"|\d+)/, ": NaN"),
    () => text.replace(/:\s*("[^"]*"|\d+)/, ': "\\ud800"'),
    () => text.replace(/:\s*("[^"]*"|\d+)/, `: ${"[".repeat(5_000)}${"]".repeat(5_000)}`),
    () => text.replaceAll('"', "'"),
    () => Buffer.from(text, "utf16le"),
    () => Buffer.concat([Buffer.from(text.slice(0, cut)), Buffer.from([0xff, 0xfe, 0xc0, 0x80, 0x00])]),
    () => `${" ".repeat(70_000)}${text}`,
    () => `"${"x".repeat(70_000)}"`,
    () => "",
    () => "null",
    () => "[]",
    () => "0",
    () => '"text"',
  ];
  return random.pick(ways)();
}
