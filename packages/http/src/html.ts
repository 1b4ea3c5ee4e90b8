/** HTML whose inserted texts are escaped. */
export type Html = { readonly html: string };

/** Template tag for HTML. It escapes inserted strings. */
export function html(parts: TemplateStringsArray, ...values: (string | Html | Html[])[]): Html {
  return { html: parts.reduce((all, part, i) => all + render(values[i - 1] ?? "") + part) };
}

function render(value: string | Html | Html[]): string {
  if (typeof value === "string") return escapeHtml(value);
  return Array.isArray(value) ? value.map((item) => item.html).join("") : value.html;
}

function escapeHtml(text: string): string {
  const entities: Record<string, string> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#39;",
  };
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? "");
}
