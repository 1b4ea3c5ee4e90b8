import { html as escaped } from "ghtml";

/** HTML whose inserted texts are escaped. */
export type Html = { readonly html: string };

/** What a template may insert. `false`, null and undefined insert nothing, for parts that aren't always there. */
export type HtmlValue = string | number | Html | readonly Html[] | false | null | undefined;

/**
 * Template tag for HTML. It escapes inserted texts by ghtml; only what is `Html` already is inserted as it is, so that the
 * type and not a mark in the template says what is trusted.
 */
export function html(parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return { html: parts.reduce((all, part, i) => all + render(values[i - 1]) + part) };
}

function render(value: HtmlValue): string {
  if (value === undefined || value === null || value === false) return "";
  if (typeof value === "string" || typeof value === "number") return escaped`${value}`;
  return "html" in value ? value.html : value.map((item) => item.html).join("");
}
