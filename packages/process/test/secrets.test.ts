import { randomBytes, randomInt, randomUUID } from "node:crypto";
import t from "tap";
import { isPlainlyNotRandom, secretKey } from "../src/index.ts";
import { estimateBits } from "../src/secret-strength.ts";

const problemOf = (text: string) => secretKey.safeParse(text).error?.issues[0]?.message;

t.test("a secret that could be guessed is refused with what to do", async (t) => {
  const guessable = [
    "password12345678",
    "P@ssw0rdP@ssw0rd!",
    "aaaaaaaabbbbbbbb1",
    "1234567890abcdefgh",
    "changeme-changeme",
    "qwertyuiopasdfghjkl",
    "1qaz2wsx3edc4rfv",
    "zyxwvutsrqponmlkjihgfedcba",
    "abababababababababab",
    "0000000000000000",
    "11112222333344445555",
    "deadbeefdeadbeefdeadbeef",
    "00112233445566778899aabbccddeeff",
    "0102030405060708090a0b0c0d0e0f10",
    "00000000-0000-0000-0000-000000000000",
    "123e4567-e89b-12d3-a456-426614174000",
    "correct-horse-battery-staple",
    "test-admin-key-0123456789",
    "service-key-0123456789",
    "my-first-calendar-service-key",
    "mi-clave-super-secreta-2026",
    "barberialuna2027!!",
    "openssl rand -base64 32",
    "the right key",
    // "admin:password" and "my secret password" in base64 and hex.
    "YWRtaW46cGFzc3dvcmQ=",
    Buffer.from("my secret password!").toString("hex"),
  ];
  for (const text of guessable) {
    t.match(problemOf(text), /^is (?:too weak|an example).*; make one with: openssl rand -base64 32$/, text);
    t.notMatch(problemOf(text)?.split(";")[0], text, "it isn't repeated");
  }
});

const draw = (alphabet: string, length: number) =>
  Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join("");

/** 128 bits and more, as tools print them. */
const random: Record<string, () => string> = {
  "openssl rand -hex 16": () => randomBytes(16).toString("hex"),
  "openssl rand -base64 16": () => randomBytes(16).toString("base64"),
  "openssl rand -base64 32": () => randomBytes(32).toString("base64"),
  "base64url of 16 bytes": () => randomBytes(16).toString("base64url"),
  "upper-case hex": () => randomBytes(16).toString("hex").toUpperCase(),
  "a UUID": () => randomUUID(),
  base32: () => draw("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 26),
  "letters only": () => draw("abcdefghijklmnopqrstuvwxyz", 28),
  "a password manager's": () =>
    draw("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!@#$%^&*", 22),
};

t.test("random secrets are taken, all but one in a million at the most", async (t) => {
  for (const [kind, make] of Object.entries(random)) {
    const bits = Array.from({ length: 300 }, () => estimateBits(make()));
    const mean = bits.reduce((sum, value) => sum + value, 0) / bits.length;
    const deviation = Math.sqrt(bits.reduce((sum, value) => sum + (value - mean) ** 2, 0) / bits.length);
    // Of a normal distribution one in a million is below 4.75 deviations.
    t.ok(mean - 4.75 * deviation > 80, `${kind}: ${mean.toFixed(1)} ± ${deviation.toFixed(1)} bits`);
    t.equal(problemOf(make()), undefined, kind);
  }
});

t.test("a key's bytes that were not drawn at random", async (t) => {
  const bytes = (of: (at: number) => number) => Uint8Array.from({ length: 32 }, (_, at) => of(at));
  t.ok(isPlainlyNotRandom(bytes(() => 0)));
  t.ok(isPlainlyNotRandom(bytes((at) => at)));
  t.ok(isPlainlyNotRandom(bytes((at) => 255 - 3 * at)));
  t.ok(isPlainlyNotRandom(bytes((at) => (at % 8) * 31)));
  t.ok(isPlainlyNotRandom(Buffer.from("0123456789abcdef0123456789abcdef")));
  t.ok(isPlainlyNotRandom(Buffer.from("my own 32 bytes, made up by me!!")));
  for (let i = 0; i < 10_000; i++) {
    if (isPlainlyNotRandom(randomBytes(32))) t.fail("a random key was refused");
  }
});

t.test("a secret of a megabyte takes no time", async (t) => {
  const began = performance.now();
  for (const text of [randomBytes(500_000).toString("hex"), "a".repeat(1_000_000)]) secretKey.safeParse(text);
  t.ok(performance.now() - began < 1_000);
});
