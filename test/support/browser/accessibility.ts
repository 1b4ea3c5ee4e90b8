import axe from "axe-core";
import type { Page } from "playwright-core";

const findViolations = `axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) =>
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

/** @returns what axe-core finds wrong with the page, and whether it is wider than the window. */
export async function findBarriers(page: Page): Promise<string[]> {
  if (!(await page.evaluate<boolean>(`"axe" in globalThis`))) await page.evaluate(axe.source);
  const [violations, overflow] = [
    await page.evaluate<string[]>(findViolations),
    await page.evaluate<string[]>(findOverflow),
  ];
  return [...violations, ...overflow];
}
