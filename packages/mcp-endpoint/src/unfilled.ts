/**
 * What templates and programs leave where they have no value, in the arguments of a call and in the header that names
 * its attendee. A new form belongs into both patterns, which differ because an argument may be a person's own words,
 * where only a form that is nothing else may be taken for a template, while all attendees with a leftover for their
 * reference would be one.
 */

/** A text that as a whole is a template or a missing value. Null and NULL are none: Null is a surname. */
const unfilledArgument =
  /^(?:\{\{[\s\S]*\}\}|\$?\{[\w .-]*\}|<[^<>]*>|\[[^[\]]*\]|%\w+%|#?n\/a|#?N\/A|null|undefined|none)$/;

/**
 * The same in any case, as a part of the reference too, and after a channel's prefix: of `tg:{{id}}` a program may leave
 * `tg:`. A UUID in braces is a reference.
 */
const unfilledReference =
  /^(?:<.*>|\[.*\]|\{(?![\da-f-]+\}$).*\}|.*(?:\{\{|\}\}|\$\{|\[object).*|(?:.*[:/|=])?(?:null|undefined|none|nil|nan|n\/a|true|false|[-_.*?]*))$/i;

export function isUnfilledArgument(text: string): boolean {
  return unfilledArgument.test(text);
}

/** @param text visible ASCII characters without spaces. */
export function isUnfilledReference(text: string): boolean {
  return unfilledReference.test(text);
}
