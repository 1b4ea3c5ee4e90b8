import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Page, Response } from "playwright-core";
import t, { type Test } from "tap";
import { listForms } from "../support/browser/forms.ts";
import { testInBrowser } from "../support/browser/open-browser.ts";
import { createPanel, type Panel } from "../support/browser/panel.ts";
import { listPanelPages } from "../support/browser/panel-pages.ts";
import { listRoutes } from "../support/list-routes.ts";

t.setTimeout(300_000);

/** Another site, whose page sends a form to whichever address it is asked for. */
async function openOtherSite(t: Test) {
  const server = createServer((request, response) => {
    const action = new URL(request.url ?? "", "http://localhost").searchParams.get("action") ?? "";
    response.setHeader("content-type", "text/html");
    response.end(
      `<title>Other</title><link rel="icon" href="data:,"><form method="post" action="${action}"><input name="csrf" value="x"><input name="customer_name" value="Mallory"><button>Win</button></form>`,
    );
  });
  await new Promise<void>((resolve) => server.listen(0, () => resolve()));
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  // By another name the panel's cookies aren't sent along; by the same one they are.
  return [`http://localhost:${port}`, `http://127.0.0.1:${port}`];
}

async function sendFrom(page: Page, site: string, action: string): Promise<Response> {
  await page.goto(`${site}/?${new URLSearchParams({ action })}`);
  const answered = page.waitForResponse((response) => response.url() === action);
  await page.getByRole("button").click();
  return answered;
}

const ids = { customer_id: "luna", booking_id: "0".repeat(32), key_id: "1", user_id: "1", token: "x" };

function listFormActions({ world }: Panel): string[] {
  return listRoutes(world.admin)
    .filter(({ method, path }) => method === "POST" && !/^\/(?:v1|api|internal)\//.test(path))
    .map(({ path }) => path.replaceAll(/:(\w+)/g, (_, name: keyof typeof ids) => ids[name]))
    .map((path) => `${world.adminUrl}${path}`);
}

testInBrowser(t, "no form of another site changes anything", async (t, browser) => {
  const panel = await createPanel(t, browser);
  const { world } = panel;
  await world.connected("luna");
  const sites = await openOtherSite(t);
  const admin = await panel.openAsAdmin();
  admin.expect(/status of 4\d\d|a request to http:\/\/(?:localhost|127\.0\.0\.1):\d+\/\?action/);
  const actions = listFormActions(panel);
  t.ok(actions.length > 20, `${actions.length} forms`);
  for (const site of sites)
    for (const action of actions) {
      const response = await sendFrom(admin.page, site, action);
      // Whom the panel doesn't know is led to the sign-in, and nothing of the form is kept.
      const isRefused = response.status() === 403 || response.headers().location?.startsWith("/login");
      t.ok(isRefused, `${site} ${action}: ${response.status()}`);
    }
  await admin.page.goto(`${world.adminUrl}/clientes/luna`);
  t.match(await admin.page.locator("main").innerText(), /Business luna.*Conectado/s);
});

testInBrowser(t, "every form has the page's token, and is refused without it", async (t, browser) => {
  const panel = await createPanel(t, browser, { hasIntegrations: true });
  const { alone, all: admin } = await listPanelPages(panel);
  const seen = new Set<string>();
  for (const [person, paths] of [
    [await panel.open(), alone],
    [await panel.openAsAdmin(), admin],
  ] as const) {
    person.expect(/status of 4\d\d/);
    const { page } = person;
    for (const path of paths) {
      await page.goto(`${panel.world.adminUrl}${path}`);
      for (const { action, fields, hasToken } of await listForms(page)) {
        t.ok(hasToken, `${path}: ${action}`);
        seen.add(new URL(action).pathname);
        const headers = { origin: panel.world.adminUrl, "sec-fetch-site": "same-origin" };
        const answer = await page.request.post(action, { form: fields, headers, maxRedirects: 0 });
        t.equal(answer.status(), 403, `${path}: ${action}`);
      }
    }
  }
  t.ok(seen.size > 15, `${seen.size} forms`);
});
