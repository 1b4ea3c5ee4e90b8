import t from "tap";
import { testInBrowser } from "../support/browser/open-browser.ts";
import { createPanel } from "../support/browser/panel.ts";

testInBrowser(
  t,
  "the overview follows what happens, and keeps the place of who looks",
  async (t, browser) => {
    const panel = await createPanel(t, browser);
    const { world } = panel;
    await world.sandbox("POST", "accounts", { email: "luna@example.com", time_zone: "America/Bogota" });
    const { body } = await world.connect("luna");
    const { page } = await panel.openAsAdmin();
    await page.goto(world.adminUrl);
    const tile = page.locator('a[href="/clientes?status=connected"]');
    t.match(await tile.innerText(), /^0\s*Conectado/);
    await tile.focus();
    await world.consent(body.shareable_link);
    await tile.filter({ hasText: /^1\s*Conectado/ }).waitFor();
    t.equal(
      await page.evaluate("document.activeElement?.getAttribute('href')"),
      "/clientes?status=connected",
    );
  },
);
