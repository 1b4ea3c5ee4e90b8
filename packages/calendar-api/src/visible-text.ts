/** Scripts in which a joiner changes the shape of letters (RFC 5892, appendix A). Elsewhere it is invisible. */
const joinedScripts = [
  "Arabic",
  "Syriac",
  "Nko",
  "Mongolian",
  "Devanagari",
  "Bengali",
  "Gurmukhi",
  "Gujarati",
  "Oriya",
  "Tamil",
  "Telugu",
  "Kannada",
  "Malayalam",
  "Sinhala",
  "Khmer",
  "Myanmar",
  "Tibetan",
];
const joinedLetter = `[${joinedScripts.map((script) => `\\p{Script_Extensions=${script}}`).join("")}]`;
const pictograph = "\\p{Extended_Pictographic}";

/** Characters that a screen shows as a gap: controls, line separators, Hangul fillers, the Braille blank. */
const gaps = /[\p{Cc}\u2028\u2029\u115f\u1160\u3164\uffa0\u2800]+/gu;

/** Runs of spaces. Each becomes one plain space. */
const spaces = /\p{Z}+/gu;

/** Matches wherever `gaps`, `spaces` or `invisible` may, so that most texts are scanned once. */
const suspicious =
  /[[\p{Cc}\p{Zl}\p{Zp}][\p{Zs}--[ ]]\u2800\u{1d159}\ufff9-\ufffb\p{Default_Ignorable_Code_Point}]| {2}/v;

/**
 * Default-ignorable characters, U+FFF9 to U+FFFB (interlinear annotation) and U+1D159 (a musical null notehead) are
 * dropped. Joiners stay between two letters of `joinedScripts` and between two pictographs, variation selectors after a
 * pictograph.
 */
const invisible = new RegExp(
  `(?:(?<=${joinedLetter})[\\u200c\\u200d](?=${joinedLetter})` +
    `|(?<=[${pictograph}\\ufe0f\\p{Emoji_Modifier}])\\u200d(?=${pictograph})` +
    `|(?<=${pictograph})[\\ufe0e\\ufe0f])` +
    "|(?<dropped>[\\ufff9-\\ufffb\\u{1d159}\\p{Default_Ignorable_Code_Point}])",
  "gu",
);

/**
 * Combining marks beyond the 16th on one letter. No script needs them, they cover the lines around, and NFC takes
 * quadratic time in their number.
 */
const furtherMarks = /(\p{M}{16})\p{M}+/gu;

/**
 * Free text as a screen shows it, in NFC: a name can neither hide words for a model nor change the direction of writing.
 * Each gap becomes one space, and both ends are trimmed.
 */
export function toVisibleText(text: string): string {
  const wellFormed = text.toWellFormed().replaceAll(furtherMarks, "$1");
  if (!suspicious.test(wellFormed)) return wellFormed.normalize("NFC").trim();
  return wellFormed
    .replaceAll(gaps, " ")
    .replaceAll(invisible, (found, dropped: string | undefined) => (dropped === undefined ? found : ""))
    .replaceAll(spaces, " ")
    .normalize("NFC")
    .trim();
}

/** Whether a text from `toVisibleText` has more than spaces and combining marks. */
export function hasVisibleText(visible: string): boolean {
  return /[\p{L}\p{N}\p{P}\p{S}]/u.test(visible);
}

/** Whether a text from `toVisibleText` has a letter or a digit, as every name has. */
export function hasLetterOrDigit(visible: string): boolean {
  return /[\p{L}\p{N}]/u.test(visible);
}

/** The length in code points. `length` counts those beyond U+FFFF twice. */
export function countCharacters(text: string): number {
  return Array.from(text).length;
}
