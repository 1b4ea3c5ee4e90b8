/**
 * The first language of `Accept-Language` that there is; undefined if there is none. Weights aren't read, since browsers
 * send the languages in their order.
 */
export function acceptedLanguage<Language extends string>(
  header: string | undefined,
  languages: readonly Language[],
): Language | undefined {
  const wanted = (header ?? "").split(",").map((entry) => entry.trim().slice(0, 2).toLowerCase());
  for (const code of wanted) {
    const found = languages.find((language) => language === code);
    if (found !== undefined) return found;
  }
  return undefined;
}
