import type { Page } from "playwright-core";

/** A form as a page has it. */
export type Form = {
  readonly action: string;
  /** Without its token. */
  readonly fields: Record<string, string>;
  readonly hasToken: boolean;
};

const script = `[...document.querySelectorAll("form[method=post]")].map((form) => ({
  action: new URL(form.getAttribute("action"), document.baseURI).href,
  fields: Object.fromEntries([...new FormData(form)].filter(([name, value]) => name !== "csrf" && typeof value === "string")),
  hasToken: (form.elements.namedItem("csrf")?.value ?? "") !== "",
}))`;

/** The forms of the page that change something. */
export const listForms = (page: Page): Promise<Form[]> => page.evaluate<Form[]>(script);
