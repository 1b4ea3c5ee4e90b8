/** Scripts whose letters change their shape by a joiner (RFC 5892, appendix A); elsewhere a joiner shows nothing. */
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

/**
 * What a screen shows as a gap: controls, line separators, Hangul fillers, and the Braille pattern without dots.
 */
const gaps = /[\p{Cc}\u2028\u2029\u115f\u1160\u3164\uffa0\u2800]+/gu;

/** What isn't one plain space between two words, as a form may leave it. */
const spaces = /\p{Z}+/gu;

/** All that the three can match, so that most texts are looked at once. */
const suspicious =
  /[[\p{Cc}\p{Zl}\p{Zp}][\p{Zs}--[ ]]\u2800\u{1d159}\ufff9-\ufffb\p{Default_Ignorable_Code_Point}]| {2}/v;

/**
 * Joiners stay between two letters of a script that joins and between two pictographs, a variation selector
 * after a pictograph. U+FFF9 to U+FFFB annotate; U+1D159 is a note without a head.
 */
const invisible = new RegExp(
  `(?:(?<=${joinedLetter})[\\u200c\\u200d](?=${joinedLetter})` +
    `|(?<=[${pictograph}\\ufe0f\\p{Emoji_Modifier}])\\u200d(?=${pictograph})` +
    `|(?<=${pictograph})[\\ufe0e\\ufe0f])` +
    "|(?<dropped>[\\ufff9-\\ufffb\\u{1d159}\\p{Default_Ignorable_Code_Point}])",
  "gu",
);

/**
 * Marks beyond this many on one letter belong to no script, and write over the lines around; and NFC takes time by the
 * square of how many there are.
 */
const furtherMarks = /(\p{M}{16})\p{M}+/gu;

/**
 * Free text as a screen shows it, composed (NFC): a name can neither hide words for a model nor turn the
 * direction of writing. What shows as a gap becomes one
 * space; the ends are trimmed.
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

/** Whether a visible text says anything: spaces and combining marks alone don't. */
export function hasVisibleText(visible: string): boolean {
  return /[\p{L}\p{N}\p{P}\p{S}]/u.test(visible);
}

/** Whether a visible text has what every name has: at least one letter or digit. */
export function hasLetterOrDigit(visible: string): boolean {
  return /[\p{L}\p{N}]/u.test(visible);
}

/** How many characters a person would count, or a few more: letters beyond the first 65,536 are two units of JavaScript. */
export function countCharacters(text: string): number {
  return Array.from(text).length;
}
