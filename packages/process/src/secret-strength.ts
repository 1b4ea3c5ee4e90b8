/**
 * Estimates how many guesses, as a power of two, find a secret by an attacker who knows words, runs of characters and
 * repeats. It is the cheapest way to compose the text from those, as in zxcvbn (Wheeler, USENIX Security 2016) without
 * its large word lists. A random text is estimated at about its entropy.
 */
export function estimateBits(text: string): number {
  if (isEncodedText(text)) return 0;
  const known = text.slice(0, maxReadLength);
  const costOf = createCharacterCost(known);
  const best = [0];
  for (let end = 1; end <= known.length; end++) {
    let least = (best[end - 1] ?? 0) + costOf(end - 1);
    for (let start = Math.max(0, end - maxPartLength); start <= end - minPartLength; start++) {
      const cost = partCost(known, start, end);
      if (cost !== undefined) least = Math.min(least, (best[start] ?? 0) + cost);
    }
    best.push(least);
  }
  return best[known.length] ?? 0;
}

/** The rest of a longer text is ignored: it doesn't change the decision, and a megabyte would take minutes. */
const maxReadLength = 128;
const minPartLength = 4;
const maxPartLength = 24;

/** Bits for choosing one of a thousand words, runs or earlier parts, its spelling and its length. */
const partBits = 12;

/** @returns undefined where the part is nothing that could be guessed as a whole. */
function partCost(text: string, start: number, end: number): number | undefined {
  const part = text.slice(start, end);
  const isGuessable = text.slice(0, start).includes(part) || isRun(part) || words.has(plainSpelling(part));
  return isGuessable ? partBits : undefined;
}

const keyboardRows = [
  "qwertyuiop",
  "asdfghjkl",
  "zxcvbnm",
  "qwertzuiop",
  "azertyuiop",
  "1234567890",
  "1qaz2wsx3edc",
];
const runs = [...keyboardRows, ...keyboardRows.map((row) => [...row].reverse().join(""))];

/** `aaaa`, `1234`, `dcba`, `2468`, `asdf`: the same step between all of them, or neighbours on a keyboard. */
function isRun(part: string): boolean {
  const lower = part.toLowerCase();
  const step = lower.charCodeAt(1) - lower.charCodeAt(0);
  const isEven = [...lower].every(
    (_, at) => at === 0 || lower.charCodeAt(at) - lower.charCodeAt(at - 1) === step,
  );
  return (isEven && Math.abs(step) <= 2) || runs.some((row) => row.includes(lower));
}

const lookalikes: Readonly<Record<string, string>> = {
  "0": "o",
  "1": "i",
  "3": "e",
  "4": "a",
  "5": "s",
  "7": "t",
  "@": "a",
  $: "s",
  "!": "i",
};

function plainSpelling(part: string): string {
  return part.toLowerCase().replaceAll(/[013457@$!]/g, (letter) => lookalikes[letter] ?? letter);
}

/** Words that people use as secrets, and that documents use as placeholders. */
const words = new Set(
  (
    "access account admin administrator agent alpha anything appointment authorization barberia bearer beta " +
    "calendar calendario change changeit changeme cita clave client company contrasena customer default demo " +
    "development dragon encryption example fernet football google hello hunter insecure internal iloveyou keep " +
    "letmein local localhost login luna master monkey mypassword never nothing number operator pass passphrase " +
    "passwd password phrase placeholder please private prod production public random replace root sample sandbox " +
    "secret secreto secure segredo senha server service shadow sharedsecret signing something staging string " +
    "summer sunshine super superman system temporary test testing this token user value webhook welcome whatsapp " +
    "winter with word your base64 battery between brown correct dolor first horse ipsum jumps lazy list lorem only " +
    "openssl over quick rand routes secreta services shared staple"
  ).split(" "),
);

/** The most frequent pairs of letters in English, Spanish and Portuguese: four of five pairs in a text are one. */
const frequentPairs = new Set(
  (
    "th he in er an re on at en nd ti es or te of ed is it al ar st to nt ng se ha as ou io le ve co me de hi ri " +
    "ro ic ne ea ra ce li ch ll be ma si om ur ca el ta la ns di fo ho pe ec pr no ct us ac ot il tr ly nc et ut " +
    "ss so rs un lo wa ge ie wh ee wi em ad ol rt po we na ul ni ts mo ow pa im mi ai sh ir su id os ia ue qu do " +
    "da ci am ab ao ec cu"
  ).split(" "),
);

/** Bits of a letter that forms a frequent pair with the letter before. */
const expectedLetterBits = 2;
/** Bits of a separator that has occurred before. */
const separatorBits = 1;

/**
 * Returns the bits of the character at an index: those of the alphabet in use, or less where the letter before makes it
 * likely, or where only a few distinct characters occur.
 */
function createCharacterCost(text: string): (at: number) => number {
  const alphabetBits = Math.log2(alphabetSize(text));
  const distinctUntil = [...text].map((_, at) => new Set(text.slice(0, at)).size);
  return (at) => {
    const character = text[at] ?? "";
    const pair = `${text[at - 1] ?? ""}${character}`;
    const isWordlike = frequentPairs.has(pair.toLowerCase()) && isOneCase(pair);
    const isRepeated = text.slice(0, at).includes(character);
    if (isRepeated && /[^0-9A-Za-z]/.test(character)) return separatorBits;
    const returning = isRepeated ? Math.log2(distinctUntil[at] ?? 1) + 1 : alphabetBits;
    return Math.min(alphabetBits, returning, isWordlike ? expectedLetterBits : alphabetBits);
  };
}

/** Whether a pair can be within a word: `Th`, `th`, `TH`, but not `tH`. */
function isOneCase(pair: string): boolean {
  return !/[a-z][A-Z]/.test(pair);
}

const alphabets: readonly (readonly [characters: RegExp, size: number])[] = [
  [/[0-9]/, 10],
  [/[a-z]/, 26],
  [/[A-Z]/, 26],
  [/[^0-9a-zA-Z]/, 16],
];

function alphabetSize(text: string): number {
  if (/^(?:[0-9a-f-]+|[0-9A-F-]+)$/.test(text)) return 16;
  const size = alphabets.reduce((sum, [characters, more]) => sum + (characters.test(text) ? more : 0), 0);
  return Math.max(2, size);
}

/** Whether a text is hex or base64 of bytes that aren't random, such as those of a password. */
function isEncodedText(text: string): boolean {
  const digits = text.replaceAll("-", "");
  if (/^(?:[0-9a-f]{2}){14,}$/i.test(digits)) return isPlainlyNotRandom(Buffer.from(digits, "hex"));
  const bytes = Buffer.from(text, "base64");
  return bytes.length >= 14 && isPlainlyNotRandom(bytes);
}

/**
 * Whether bytes are evidently not random: few distinct values, few distinct steps, or only printable characters. It is
 * true for 1 of 10^6 random values of 14 bytes, and for less than 1 of 10^13 random keys of 32 bytes.
 */
export function isPlainlyNotRandom(bytes: Uint8Array): boolean {
  const half = bytes.length / 2;
  const steps = [...bytes].map((byte, at) => (byte - (bytes[at - 1] ?? byte) + 256) % 256);
  const isPrintable = bytes.every((byte) => byte >= 0x20 && byte < 0x7f);
  return isPrintable || new Set(bytes).size <= half || new Set(steps.slice(1)).size <= half;
}
