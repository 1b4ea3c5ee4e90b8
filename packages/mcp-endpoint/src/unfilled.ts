/**
 * What templates and programs leave in place of a missing value, in arguments and in `X-Attendee-Ref`. A new form belongs
 * in both patterns. An argument may be a person's own words, so its pattern matches only what can't be anything else. For
 * a reference the pattern is wider, since all attendees with the same leftover would count as one.
 */

/** A whole text that is a template or a missing value. Null and NULL don't match: Null is a surname. */
const unfilledArgument =
  /^(?:\{\{[\s\S]*\}\}|\$?\{[\w .-]*\}|<[^<>]*>|\[[^[\]]*\]|%\w+%|#?n\/a|#?N\/A|null|undefined|none)$/;

/**
 * The same forms in any case, also as part of the text and after a channel's prefix: `tg:` may be left of `tg:{{id}}`. A
 * UUID in braces doesn't match.
 */
const unfilledReference =
  /^(?:<.*>|\[.*\]|\{(?![\da-f-]+\}$).*\}|.*(?:\{\{|\}\}|\$\{|\[object).*|(?:.*[:/|=])?(?:null|undefined|none|nil|nan|n\/a|true|false|[-_.*?]*))$/i;

/** Whether an argument is what a template leaves for a missing value. */
export function isUnfilledArgument(text: string): boolean {
  return unfilledArgument.test(text);
}

/** The same for a reference. @param text visible ASCII characters without spaces. */
export function isUnfilledReference(text: string): boolean {
  return unfilledReference.test(text);
}
