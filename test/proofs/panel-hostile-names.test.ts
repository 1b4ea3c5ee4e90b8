import type { Page } from "playwright-core";
import t, { type Test } from "tap";
import { renderSVG } from "uqr";
import { findBarriers } from "../support/browser/accessibility.ts";
import { testInBrowser } from "../support/browser/open-browser.ts";
import { createPanel, type Panel } from "../support/browser/panel.ts";
import { listPanelPages } from "../support/browser/panel-pages.ts";

t.setTimeout(900_000);

const names = {
  markup: "<script>alert(1)</script>",
  attribute: `" onmouseover="alert(1)" x='`,
  template: "Luna {{7*7}} %00 &lt;b&gt; <%= 7 %>",
  "right to left": "صالون لونا للحلاقة",
  emoji: "💈✂️ Luna 👩🏽‍🦱 🇨🇴",
  "200 letters": "Peluquería ".repeat(20).slice(0, 199).trim(),
  "200 letters without a space": "W".repeat(200),
} as const;

/** Those that may break a layout. */
const unusualShapes = ["right to left", "200 letters", "200 letters without a space"];

for (const [kind, name] of Object.entries(names))
  testInBrowser(t, `a business, a person and a key with such a name: ${kind}`, async (t, browser) => {
    const panel = await createPanel(t, browser, { hasIntegrations: true });
    const { world } = panel;
    const { all: admin } = await listPanelPages(panel, name);
    const { page, expect } = await panel.openAsAdmin();
    expect(/status of 4\d\d/);
    page.on("dialog", (dialog) => {
      t.fail("a name is run");
      void dialog.dismiss();
    });
    await page.setViewportSize({ width: 360, height: 740 });
    for (const path of admin) {
      await page.goto(`${world.adminUrl}${path}`);
      if (/^\/clientes(?:\/luna.*)?$/.test(path))
        t.ok(
          visibleText(await page.locator("main").innerText()).includes(visibleText(name)),
          `${path} shows it`,
        );
      t.equal(await page.locator("script:not([src])").count(), 0, path);
      t.equal(await page.locator("[onmouseover]").count(), 0, path);
      if (unusualShapes.includes(kind)) t.strictSame(await findBarriers(page), [], path);
    }
    await expectLinkPage(t, panel, page, name);
  });

/** Spaces in a row are shown as one. */
const visibleText = (text: string) => text.replaceAll(/\s+/g, " ");

async function expectLinkPage(t: Test, { world }: Panel, page: Page, name: string): Promise<void> {
  const { body } = await world.connect("luna", { customer_name: name, customer_phone: "+573001234567" });
  await page.goto(`${world.adminUrl}/clientes/luna/enlace`);
  const message = await page.locator("textarea[name=text]").inputValue();
  t.ok(message.includes(name), "the message has the name as it is");
  t.ok(message.endsWith(body.shareable_link), "and ends with the link");
  const action = await page.locator('form[action^="https://wa.me/"]').getAttribute("action");
  t.equal(action, "https://wa.me/573001234567");
  const mail = new URL((await page.locator('a[href^="mailto:"]').getAttribute("href")) ?? "");
  t.ok(mail.searchParams.get("body")?.includes(name), "so has the mail");
  const drawn = await page.locator(".qr path").last().getAttribute("d");
  t.ok(
    renderSVG(body.shareable_link, { border: 0 }).includes(String(drawn)),
    "the QR code has the link alone",
  );
}

testInBrowser(t, "the business reads its own name as it is", async (t, browser) => {
  const panel = await createPanel(t, browser);
  for (const [kind, name] of Object.entries(names)) {
    const { body } = await panel.world.connect(`luna-${Object.keys(names).indexOf(kind)}`, {
      customer_name: name,
    });
    const { page } = await panel.openAsBusiness();
    await page.setViewportSize({ width: 360, height: 740 });
    await page.goto(body.shareable_link);
    t.ok(visibleText(await page.locator("h1").innerText()).includes(name), kind);
    t.strictSame(await findBarriers(page), [], kind);
  }
});
