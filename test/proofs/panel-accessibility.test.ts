import type { Page } from "playwright-core";
import t from "tap";
import { findBarriers, rulesOfColours } from "../support/browser/accessibility.ts";
import { testInBrowser } from "../support/browser/open-browser.ts";
import { createPanel, signIn } from "../support/browser/panel.ts";
import { listPanelPages } from "../support/browser/panel-pages.ts";
import { addPerson } from "../support/people.ts";

t.setTimeout(600_000);

const languages = ["es", "en", "pt"] as const;
/** A dark page is the light one in other colours. */
const themes = [
  { colorScheme: "light", rules: undefined },
  { colorScheme: "dark", rules: rulesOfColours },
] as const;
const windows = [
  { width: 360, height: 740 },
  { width: 820, height: 1_180 },
  { width: 1_024, height: 768 },
  { width: 1_440, height: 900 },
] as const;

/** Texts differ in length by language, layouts by width: in the other languages the narrowest one is looked at. */
const windowsOf = (language: (typeof languages)[number]) => (language === "es" ? windows : [windows[0]]);

for (const language of languages)
  testInBrowser(t, `pages in ${language} have no barrier, in any theme and size`, async (t, browser) => {
    const panel = await createPanel(t, browser, { hasIntegrations: true });
    const { alone, all: admin } = await listPanelPages(panel);
    for (const [{ page, expect }, paths] of [
      [await panel.open({ language }), alone],
      [await panel.openAsAdmin({ language }), admin],
    ] as const) {
      expect(/status of 4\d\d/);
      for (const path of paths) {
        await page.setViewportSize(windows[0]);
        await page.goto(`${panel.world.adminUrl}${path}`);
        t.equal(await page.locator("html").getAttribute("lang"), language, path);
        for (const { colorScheme, rules } of themes) {
          await page.emulateMedia({ colorScheme });
          for (const size of windowsOf(language)) {
            await page.setViewportSize(size);
            t.strictSame(await findBarriers(page, rules), [], `${path}, ${colorScheme}, ${size.width}`);
          }
        }
      }
    }
  });

for (const language of languages)
  testInBrowser(t, `nor have the pages that a business sees, in ${language}`, async (t, browser) => {
    const panel = await createPanel(t, browser);
    const { world } = panel;
    const { body } = await world.connect("luna");
    const { page, expect } = await panel.openAsBusiness({ language });
    expect(/status of 4\d\d/);
    const expectNone = async (name: string) => {
      t.equal(await page.locator("html").getAttribute("lang"), language, name);
      for (const { colorScheme, rules } of themes) {
        await page.emulateMedia({ colorScheme });
        for (const size of windowsOf(language)) {
          await page.setViewportSize(size);
          t.strictSame(await findBarriers(page, rules), [], `${name}, ${colorScheme}, ${size.width}`);
        }
      }
    };
    const consent = async (action: "allow" | "deny") => {
      await page.goto(body.shareable_link);
      await page.getByRole("button").first().click();
      await page.locator(`button[value=${action}]`).click();
      await page.waitForURL(/\/oauth\/callback/);
    };
    await page.goto(`${world.mcpUrl}/connect/nonsense`);
    await expectNone("an unknown link");
    await page.goto(body.shareable_link);
    await expectNone("the link");
    await consent("deny");
    await expectNone("denied");
    await consent("allow");
    await expectNone("connected");
    await page.goto(body.shareable_link);
    await expectNone("used");
  });

testInBrowser(t, "nor have the pages of a business's owner and of a viewer", async (t, browser) => {
  const panel = await createPanel(t, browser, { hasIntegrations: true });
  const { world } = panel;
  const { all: admin } = await listPanelPages(panel);
  await addPerson(world, { email: "viewer@example.com", role: "viewer", customer_ids: ["luna"] });
  const { body: link } = await world.api("POST", "/v1/customer-calendars/luna/owner-link");
  const owner = await panel.open();
  await owner.page.goto(link.url);
  await owner.page.getByRole("button").first().click();
  await owner.page.waitForURL(/\/clientes\/luna$/);
  const viewer = await panel.open();
  await signIn(viewer.page, world.adminUrl, "viewer@example.com");
  for (const { page, expect } of [owner, viewer]) {
    expect(/status of 40[34]/);
    await page.setViewportSize(windows[0]);
    for (const path of admin) {
      const answer = await page.goto(`${world.adminUrl}${path}`);
      t.ok((answer?.status() ?? 500) < 500, path);
      t.strictSame(await findBarriers(page), [], path);
      // What leads nowhere isn't offered.
      t.equal(await page.locator('a[href="/personas"], a[href="/clientes/nuevo"]').count(), 0, path);
    }
  }
});

/** The forms of a page that change something, by where they are sent. */
const listForms = `[...document.querySelectorAll("form[method=post]")].map((form) => form.getAttribute("action"))`;

const sendForm = (action: string) => `(() => {
  const form = [...document.querySelectorAll("form[method=post]")].find((one) => one.getAttribute("action") === ${JSON.stringify(action)});
  if (form !== undefined) setTimeout(() => HTMLFormElement.prototype.submit.call(form));
  return form !== undefined;
})()`;

/** After them, other forms aren't there any more. */
const endings = [/\/entrar\//, /\/desconectar$/, /\/eliminar$/, /\/logout$/];
const orderOf = (action: string) => endings.findIndex((ending) => ending.test(action));

async function collectForms(page: Page, adminUrl: string, paths: readonly string[]) {
  const forms = new Map<string, string>();
  for (const path of paths) {
    await page.goto(`${adminUrl}${path}`);
    for (const action of await page.evaluate<string[]>(listForms)) forms.set(action, path);
  }
  return [...forms].toSorted(([a], [b]) => orderOf(a) - orderOf(b));
}

testInBrowser(t, "nor has what answers a form that is sent as it stands", async (t, browser) => {
  const panel = await createPanel(t, browser, { hasIntegrations: true });
  const { adminUrl } = panel.world;
  const { alone, all: admin } = await listPanelPages(panel);
  for (const [{ page, expect }, paths, least] of [
    [await panel.open(), alone, 5],
    [await panel.openAsAdmin(), admin, 20],
  ] as const) {
    expect(/status of 4\d\d/);
    const forms = await collectForms(page, adminUrl, paths);
    t.ok(forms.length >= least, `${forms.length} forms`);
    for (const [action, path] of forms) {
      await page.setViewportSize(windows[0]);
      await page.goto(`${adminUrl}${path}`);
      const loaded = page.waitForEvent("load").catch(() => undefined);
      const answered = page.waitForResponse((response) => response.request().method() === "POST");
      if (!(await page.evaluate<boolean>(sendForm(action)))) continue;
      const status = (await answered).status();
      t.ok(status < 500, `${action}: ${status}`);
      // A file is kept, and the page stays.
      if ((await answered).headers()["content-disposition"] !== undefined) continue;
      await loaded;
      // It goes on to a provider by itself: panel-integrations.test.ts looks at it.
      if ((await answered).headers().refresh !== undefined) {
        await page.waitForURL((url) => url.origin !== adminUrl);
        continue;
      }
      for (const size of windows) {
        await page.setViewportSize(size);
        t.strictSame(await findBarriers(page), [], `${action} of ${path}, ${size.width}`);
      }
    }
  }
});
