import axe from "axe-core";
import type { Page } from "playwright-core";

const findViolations = (rules?: readonly string[]) => `axe.run(document, {
  resultTypes: ["violations"]${rules === undefined ? "" : `, runOnly: ${JSON.stringify(rules)}`}
}).then(({ violations }) =>
  violations.flatMap(({ id, help, nodes }) => nodes.map(({ target }) => id + ": " + help + " at " + target.join(" "))))`;

const findOverflow = `(() => {
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth <= clientWidth) return [];
  const isClipped = (one) => one !== null && (getComputedStyle(one).overflowX !== "visible" || isClipped(one.parentElement));
  const wide = [...document.querySelectorAll("main, main *, header, header *")].filter(
    (one) => one.getBoundingClientRect().right > clientWidth + 1 && !isClipped(one.parentElement.closest("main *, header *")));
  const names = wide.slice(0, 5).map((one) => one.tagName + "." + one.className);
  return ["scrolls sideways: " + scrollWidth + " of " + clientWidth + ", by " + names.join(", ")];
})()`;

/** What depends on colours, and so on the theme. */
export const rulesOfColours = ["color-contrast", "link-in-text-block"];

/**
 * @param rules Default: all.
 * @returns what axe-core finds wrong with the page, and whether it is wider than the window.
 */
export async function findBarriers(page: Page, rules?: readonly string[]): Promise<string[]> {
  if (!(await page.evaluate<boolean>(`"axe" in globalThis`))) await page.evaluate(axe.source);
  const [violations, overflow] = [
    await page.evaluate<string[]>(findViolations(rules)),
    await page.evaluate<string[]>(findOverflow),
  ];
  return [...violations, ...overflow];
}
