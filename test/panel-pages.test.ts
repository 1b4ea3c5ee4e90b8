import t from "tap";
import { findBarriers } from "./support/browser/accessibility.ts";
import { testInBrowser } from "./support/browser/open-browser.ts";
import { createPanel } from "./support/browser/panel.ts";
import { listPanelPages } from "./support/browser/panel-pages.ts";

// In both themes, all languages and sizes: proofs/panel-accessibility.test.ts.
testInBrowser(t, "no page has a barrier that axe-core knows", async (t, browser) => {
  const panel = await createPanel(t, browser, { hasIntegrations: true });
  const { alone, admin } = await listPanelPages(panel);
  const visitor = await panel.open();
  for (const [{ page, expect }, paths] of [
    [visitor, alone],
    [await panel.openAsAdmin(), admin],
  ] as const) {
    // Pages of errors are visited, too.
    expect(/status of 4\d\d/);
    for (const path of paths) {
      await page.goto(`${panel.world.adminUrl}${path}`);
      t.strictSame(await findBarriers(page), [], path);
    }
  }
});
