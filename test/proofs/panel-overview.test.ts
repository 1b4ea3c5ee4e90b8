import t from "tap";
import { testInBrowser } from "../support/browser/open-browser.ts";
import { createPanel } from "../support/browser/panel.ts";
import { addPerson } from "../support/people.ts";

testInBrowser(t, "the overview follows what happens, while who looks may", async (t, browser) => {
  const panel = await createPanel(t, browser);
  const { world } = panel;
  const { page } = await panel.openAsAdmin();
  const links: string[] = [];
  for (const id of ["luna", "sol"]) {
    await world.sandbox("POST", "accounts", { email: `${id}@example.com`, time_zone: "America/Bogota" });
    links.push((await world.connect(id)).body.shareable_link);
  }
  const [luna = "", sol = ""] = links;
  await page.goto(world.adminUrl);
  const tile = page.locator('a[href="/clientes?status=connected"]');
  t.match(await tile.innerText(), /^0\s*Conectado/);
  await tile.focus();
  await world.consent(luna);
  await tile.filter({ hasText: /^1\s*Conectado/ }).waitFor();
  const focused = await page.evaluate("document.activeElement?.getAttribute('href')");
  t.equal(focused, "/clientes?status=connected", "what has the focus keeps it");

  // Whose session has ended is told nothing more, and doesn't ask for it over and over.
  const { body: everybody } = await world.api("GET", "/v1/users");
  await addPerson(world, { email: "other@example.com", role: "admin" });
  const { status } = await world.api("PATCH", `/v1/users/${everybody.users[0].id}`, { is_active: false });
  t.equal(status, 200);
  const closed = page.evaluate(
    "new Promise((resolve) => addEventListener('htmx:sse:close', ({ detail }) => resolve(detail.reason)))",
  );
  await world.consent(sol);
  t.equal(await closed, "message");
  t.match(await tile.innerText(), /^1\s*Conectado/);
});
