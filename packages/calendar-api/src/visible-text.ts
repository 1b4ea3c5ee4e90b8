/**
 * What people write, as it is kept: names of people and of businesses, and notes. What can't be seen is dropped,
 * since it can only hide something: another text in a name, or a name that shows nothing.
 */

/** Unicode's own list of what shows nothing: fillers, soft hyphens, variation selectors, tags, directions and more. */
const unseen = /(?![\u200c\u200d])[\p{Default_Ignorable_Code_Point}\ufff9-\ufffb]/gu;

/** Control characters and line breaks can't be typed into one line; a Braille blank shows nothing. */
const blank = /[\p{Cc}\p{Z}\u2800]+/gu;

/**
 * Joiners belong between letters of scripts that join (RFC 5892, appendix A) and between emoji; in any other
 * place they show nothing.
 */
const joins = "[[\\p{L}\\p{M}]--[\\p{sc=Latin}\\p{sc=Greek}\\p{sc=Cyrillic}\\p{sc=Han}\\p{sc=Hangul}]]";
const emoji = "[\\p{Extended_Pictographic}\\p{Emoji_Modifier}]";
const strayJoiner = new RegExp(
  `(?:(?<!${joins})|(?!.${joins}))(?:(?<!${emoji})|(?!.${emoji}))[\\u200c\\u200d]`,
  "gv",
);

/**
 * Marks beyond this many on one letter belong to no script, and write over the lines around; and NFC takes time by the
 * square of how many there are.
 */
const furtherMarks = /(\p{M}{16})\p{M}+/gu;

/** A text of one line without what can't be seen, in Unicode's form NFC. */
export function toVisibleText(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(unseen, "")
    .replaceAll(strayJoiner, "")
    .replaceAll(furtherMarks, "$1")
    .normalize("NFC")
    .replaceAll(blank, " ")
    .trim();
}

/** Whether a text shows a letter or a digit, in whatever script: without one it names nobody. */
export function isName(text: string): boolean {
  return /[\p{L}\p{N}]/u.test(text);
}

/** How many characters a person would count, or a few more: letters beyond the first 65,536 are two units of JavaScript. */
export function countCharacters(text: string): number {
  return Array.from(text).length;
}
