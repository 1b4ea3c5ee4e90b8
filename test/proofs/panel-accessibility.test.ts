import t from "tap";
import { findBarriers } from "../support/browser/accessibility.ts";
import { testInBrowser } from "../support/browser/open-browser.ts";
import { createPanel } from "../support/browser/panel.ts";
import { listPanelPages } from "../support/browser/panel-pages.ts";

const languages = ["es", "en", "pt"] as const;
const themes = ["light", "dark"] as const;
const windows = [
  { width: 360, height: 740 },
  { width: 820, height: 1_180 },
  { width: 1_024, height: 768 },
  { width: 1_440, height: 900 },
] as const;

for (const language of languages)
  testInBrowser(t, `pages in ${language} have no barrier, in any theme and size`, async (t, browser) => {
    t.setTimeout(600_000);
    const panel = await createPanel(t, browser);
    const { alone, admin } = await listPanelPages(panel.world);
    for (const [{ page, expect }, paths] of [
      [await panel.open({ language }), alone],
      [await panel.openAsAdmin({ language }), admin],
    ] as const) {
      expect(/status of 4\d\d/);
      for (const path of paths) {
        await page.goto(`${panel.world.adminUrl}${path}`);
        t.equal(await page.locator("html").getAttribute("lang"), language, path);
        for (const colorScheme of themes) {
          await page.emulateMedia({ colorScheme });
          for (const size of windows) {
            await page.setViewportSize(size);
            t.strictSame(await findBarriers(page), [], `${path}, ${colorScheme}, ${size.width}`);
          }
        }
      }
    }
  });
