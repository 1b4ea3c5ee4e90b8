import type { Random } from "./random.ts";

/** Texts that have broken parsers, routers, databases or pages somewhere. */
const hostileTexts: readonly string[] = [
  "",
  " ",
  ".",
  "..",
  "../../etc/passwd",
  "..%2f..%2fetc%2fpasswd",
  "..\\..\\windows",
  "a\u0000b",
  "%00",
  "%",
  "%zz",
  "%c0%ae%c0%ae",
  "%ff%fe",
  "%u0041",
  "%25%32%66",
  "null",
  "undefined",
  "NaN",
  "-1",
  "1e999",
  "0x10",
  "9007199254740993",
  "true",
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "hasOwnProperty",
  "' OR 1=1 --",
  '"; DROP TABLE oauth_tokens; --',
  "<script>alert(1)</script>",
  "#{7*7}",
  "{{7*7}}",
  "%s%n%x",
  "\r\nX-Injected: yes",
  "\u202etxt.exe",
  "\ud800",
  "\udfff\ud800",
  "\ufeff",
  "é",
  "e\u0301",
  "İstanbul",
  "ﷺ",
  "👩‍👩‍👧‍👦",
  "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘!͖̬̰̙̗̿̋ͥͥ̂ͣ̐́́͜͞",
  "2027-13-45",
  "2027-02-30T25:61:61+99:99",
  "0000-00-00",
  "-271821-04-20T00:00:00Z",
  "+275760-09-13T00:00:00Z",
  "+999999-01-01T00:00:00Z",
  "2027-01-18T09:00:00",
  "2027-03-14T02:30:00-05:00",
  "1/2/27",
  "Factory/Nowhere",
  "Etc/GMT+12",
  "Asia/Kathmandu",
  "America/Scoresbysund",
  "file:///etc/passwd",
  "javascript:alert(1)",
  "//evil.example",
  "http://[::1",
  "a@b",
  "a@b@c.example",
  `${"a".repeat(65)}`,
  `${"x".repeat(300)}`,
  `${"9".repeat(400)}`,
];

const hostileNumbers: readonly number[] = [
  0,
  -0,
  -1,
  0.1,
  1.5,
  1e21,
  -1e21,
  Number.MAX_SAFE_INTEGER,
  Number.MAX_SAFE_INTEGER + 2,
  Number.MIN_VALUE,
  Number.MAX_VALUE,
  2 ** 31,
  2 ** 32,
  2 ** 63,
];

/** Any JSON value but what is expected. */
export function hostileValue(random: Random, depth = 0): unknown {
  const kind = random.below(depth > 2 ? 5 : 9);
  if (kind === 0) return null;
  if (kind === 1) return random.chance(0.5);
  if (kind === 2) return random.pick(hostileNumbers);
  if (kind <= 4) return hostileText(random);
  if (kind === 5) return Array.from({ length: random.below(4) }, () => hostileValue(random, depth + 1));
  if (kind === 6) return nested(random.pick([10, 100, 500]), random.chance(0.5));
  if (kind === 7) return ownMember(random.pick(["__proto__", "constructor", "toString", ""]), { a: 1 });
  return Object.fromEntries(
    Array.from({ length: random.below(4) }, () => [hostileText(random), hostileValue(random, depth + 1)]),
  );
}

export function hostileText(random: Random): string {
  const text = random.pick(hostileTexts);
  if (random.chance(0.03)) return text.repeat(random.pick([50, 1_000]));
  return random.chance(0.2) ? text + random.pick(hostileTexts) : text;
}

/** A member of its own, whatever its name does otherwise. */
export function ownMember(name: string, value: unknown): object {
  return Object.defineProperty({}, name, { value, enumerable: true });
}

function nested(depth: number, inArrays: boolean): unknown {
  let value: unknown = 1;
  for (let i = 0; i < depth; i++) value = inArrays ? [value] : { a: value };
  return value;
}
