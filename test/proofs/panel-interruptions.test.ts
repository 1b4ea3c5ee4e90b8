import type { Page } from "playwright-core";
import t, { type Test } from "tap";
import { findBarriers } from "../support/browser/accessibility.ts";
import { type TestBrowser, testInBrowser } from "../support/browser/open-browser.ts";
import { adminEmail, createPanel, pathOf, signIn } from "../support/browser/panel.ts";
import { listPanelPages } from "../support/browser/panel-pages.ts";
import { addPerson, password } from "../support/people.ts";

t.setTimeout(300_000);

/** At the page that says that the session has ended. */
async function signInAgain(page: Page): Promise<void> {
  await page.fill("#field-email", adminEmail);
  await page.fill("#field-password", password);
  await page.press("#field-password", "Enter");
}

/** An admin's page, with one connected customer. @param expected what may fail on it */
async function openWithLuna(t: Test, browser: TestBrowser, expected: RegExp) {
  const panel = await createPanel(t, browser);
  await panel.world.connected("luna");
  const { page, expect } = await panel.openAsAdmin();
  expect(expected);
  return { world: panel.world, page };
}

testInBrowser(
  t,
  "a session that ends while a form is open loses nothing of what was typed",
  async (t, browser) => {
    const panel = await createPanel(t, browser);
    const { world } = panel;
    const { page, expect } = await panel.openAsAdmin();
    expect(/status of 401/);
    await page.goto(`${world.adminUrl}/clientes/nuevo`);
    await page.getByLabel("Nombre del negocio").fill('Ñandú & "Hijos" <sol>');
    await page.getByLabel("Correo de su cuenta").fill("sol@example.com");
    await page.context().clearCookies();
    await page.getByRole("button", { name: "Crear y ver el enlace" }).click();
    await page.getByText("Tu sesión terminó").waitFor();
    t.equal(
      (await world.api("GET", "/v1/customer-calendars")).body.customers?.length ?? 0,
      0,
      "nothing is made yet",
    );
    await page.fill("#field-email", adminEmail);
    await page.fill("#field-password", "wrong, at first");
    await page.press("#field-password", "Enter");
    await page.getByText("no coinciden").waitFor();
    await signInAgain(page);
    await page.getByRole("button", { name: "Enviar lo que escribí" }).click();
    await page.waitForURL(/\/enlace$/);
    t.match(await page.locator("h1").innerText(), 'Ñandú & "Hijos" <sol>');
  },
);

testInBrowser(t, "a schedule that is edited as the session ends says so, and is kept", async (t, browser) => {
  const { world, page } = await openWithLuna(t, browser, /status of 401|401/);
  await page.goto(`${world.adminUrl}/clientes/luna/horario`);
  await page.locator("#preview .slots").first().waitFor();
  await page.context().clearCookies();
  await page.getByLabel("Lunes: abre").fill("10:00");
  await page.locator("#preview").getByText("sesión").waitFor();
  t.equal(await page.getByLabel("Lunes: abre").inputValue(), "10:00", "the form stays as it is");
  await page.locator(".save-bar button").click();
  await page.getByText("Tu sesión terminó").waitFor();
  await signInAgain(page);
  await page.getByRole("button", { name: "Enviar lo que escribí" }).click();
  await page.waitForURL(/guardado/);
  t.equal(await page.getByLabel("Lunes: abre").inputValue(), "10:00");
});

/** What a proxy answers while nothing is behind it. */
const badGateway = {
  ...{ status: 502, contentType: "text/html" },
  body: "<html><head><title>502</title></head><body><h1>502 Bad Gateway</h1></body></html>",
};

testInBrowser(
  t,
  "a row that can't be added leaves the schedule as it was typed, and says why",
  async (t, browser) => {
    const { world, page } = await openWithLuna(
      t,
      browser,
      /status of (?:401|409|502)|ERR_FAILED|Failed to fetch/,
    );
    await page.goto(`${world.adminUrl}/clientes/luna/horario`);
    await page.locator("#preview .slots").first().waitFor();
    await page.getByLabel("Lunes: abre").fill("10:00");
    const told = page.locator("#told");
    const rows = page.locator("#schedule-form .window");
    const count = await rows.count();
    const remove = page.getByRole("button", { name: /^Quitar estas horas/ }).last();
    const isKept = async (words: RegExp) => {
      await remove.click();
      await told.getByText(words).waitFor();
      t.equal(await page.getByLabel("Lunes: abre").inputValue(), "10:00", `${words}`);
      t.equal(await rows.count(), count);
      t.notMatch(await page.title(), "502");
      t.strictSame(await findBarriers(page), []);
    };
    const form = "**/clientes/luna/horario";
    await page.route(form, (route) => route.fulfill(badGateway));
    await isKept(/No llegó respuesta/);
    await page.unroute(form);
    await page.route(form, (route) => route.abort());
    await isKept(/No llegó respuesta/);
    await page.unroute(form);
    await page.context().clearCookies();
    await isKept(/Tu sesión terminó/);

    const tab = page.waitForEvent("popup");
    await told.getByRole("link").click();
    await signInAgain(await tab);
    await (await tab).waitForURL(`${world.adminUrl}/`);
    await isKept(/Entraste de nuevo/);
    await remove.click();
    await rows.nth(count - 1).waitFor({ state: "detached" });
    t.equal(await page.getByLabel("Lunes: abre").inputValue(), "10:00");
    t.equal(await told.innerText(), "", "what was wrong isn't said any more");
    await page.locator(".save-bar button").click();
    await page.waitForURL(/guardado/);
    t.equal(await page.getByLabel("Lunes: abre").inputValue(), "10:00");
  },
);

testInBrowser(t, "a filter that can't be answered leaves the list as it was", async (t, browser) => {
  const { world, page } = await openWithLuna(t, browser, /status of (?:401|502)/);
  await page.goto(`${world.adminUrl}/clientes`);
  const row = page.locator("#customers tbody tr");
  await page.route("**/clientes?*", (route) => route.fulfill(badGateway));
  await page.locator("#field-q").fill("nobody");
  await page.locator("#told").getByText("No llegó respuesta").waitFor();
  t.equal(await row.count(), 1);
  await page.unroute("**/clientes?*");
  await page.context().clearCookies();
  await page.locator("#field-q").fill("nobody at all");
  await page.locator("#told").getByText("Tu sesión terminó").waitFor();
  t.equal(await row.count(), 1);
  t.equal(await page.locator("#field-q").inputValue(), "nobody at all");
});

testInBrowser(t, "a page isn't left with what was changed by a button, or refused", async (t, browser) => {
  const { world, page } = await openWithLuna(t, browser, /status of 422/);
  const path = `${world.adminUrl}/clientes/luna/horario`;
  const leave = () => page.evaluate("!dispatchEvent(new Event('beforeunload', { cancelable: true }))");
  await page.goto(path);
  t.equal(await leave(), false, "nothing was typed yet");
  const rows = page.locator("#schedule-form .window");
  const count = await rows.count();
  await page
    .getByRole("button", { name: /^Quitar estas horas/ })
    .last()
    .click();
  await rows.nth(count - 1).waitFor({ state: "detached" });
  t.equal(await leave(), true, "a row is gone");
  await page.goto(path);
  await page.getByLabel("Lunes: cierra").fill("09:00");
  await page.locator(".save-bar button").click();
  await page.getByRole("alert").first().waitFor();
  t.equal(await leave(), true, "it was refused");
});

testInBrowser(
  t,
  "of two people who edit one schedule the second is told, and loses nothing",
  async (t, browser) => {
    const panel = await createPanel(t, browser);
    const { world } = panel;
    await world.connected("luna");
    const [first, second] = [await panel.openAsAdmin(), await panel.openAsAdmin()];
    second.expect(/status of 4\d\d/);
    for (const { page } of [first, second]) await page.goto(`${world.adminUrl}/clientes/luna/horario`);
    await first.page.getByLabel("Lunes: abre").fill("10:00");
    await first.page.locator(".save-bar button").click();
    await first.page.waitForURL(/guardado/);

    await second.page.getByLabel("Martes: abre").fill("11:00");
    await second.page.locator(".save-bar button").click();
    const conflict = second.page
      .locator(".note")
      .filter({ hasText: /otra persona|mientras/i })
      .first();
    await conflict.waitFor();
    t.equal(
      await second.page.getByLabel("Martes: abre").inputValue(),
      "11:00",
      "what was typed is still there",
    );
    t.strictSame(await findBarriers(second.page), []);
    const monday = (await world.api("GET", "/v1/customer-calendars/luna/schedule")).body.weekly_hours;
    t.match(
      monday,
      { monday: [{ start: "10:00" }], tuesday: [{ start: "09:00" }] },
      "the first one's stands",
    );
  },
);

testInBrowser(t, "the panel stays usable while the calendar service is away", async (t, browser) => {
  const panel = await createPanel(t, browser, { hasIntegrations: true });
  const { world } = panel;
  const { all: admin } = await listPanelPages(panel);
  const person = await panel.openAsAdmin();
  person.expect(/status of (?:4\d\d|503)/);
  const { page } = person;
  await page.goto(`${world.adminUrl}/clientes/nuevo`);
  await world.stopMcpCalendar();
  await page.getByLabel("Nombre del negocio").fill("Tres");
  await page.getByLabel("Correo de su cuenta").fill("tres@example.com");
  await page.getByRole("button", { name: "Crear y ver el enlace" }).click();
  await page.getByRole("alert").filter({ hasText: "no responde" }).waitFor();
  t.equal(await page.getByLabel("Nombre del negocio").inputValue(), "Tres", "what was typed is still there");
  for (const path of admin) {
    const answer = await page.goto(`${world.adminUrl}${path}`);
    const status = answer?.status() ?? 0;
    t.ok([200, 404, 503].includes(status), `${path}: ${status}`);
    t.ok(await page.locator("h1").innerText(), path);
    if (status === 503) t.match(await page.locator("main").innerText(), /no responde/i, path);
  }
  await page.goto(`${world.adminUrl}/`);
  t.match(await page.locator("main").innerText(), /no responde/i, "the overview says so");
  await page.goto(`${world.adminUrl}/clientes`);
  t.match(await page.locator("main").innerText(), /Luna/, "customers are listed as they were");
});

testInBrowser(t, "who is deactivated while signed in is led to the sign-in", async (t, browser) => {
  const panel = await createPanel(t, browser);
  const { world } = panel;
  const other = await addPerson(world, { email: "other@example.com", role: "admin" });
  const { page, expect } = await panel.open();
  // The overview may not have connected to what is live before.
  expect(/status of 401/);
  await signIn(page, world.adminUrl, "other@example.com");
  await world.api("PATCH", `/v1/users/${other.user.id}`, { is_active: false });
  await page.getByRole("link", { name: "Clientes", exact: true }).click();
  t.equal(pathOf(page), "/login");
});

testInBrowser(t, "what is wrong with a schedule stands beside its field", async (t, browser) => {
  const { world, page } = await openWithLuna(t, browser, /status of 422/);
  await page.goto(`${world.adminUrl}/clientes/luna/horario`);
  await page.getByLabel("Lunes: cierra").fill("09:00");
  await page.getByLabel("Antelación mínima (minutos)").fill("soon");
  await page.getByLabel("Zona horaria").fill("America/Nowhere");
  await page.locator("#preview").getByRole("link").first().waitFor();
  await page.locator(".save-bar button").click();
  await page.getByRole("alert").first().waitFor();
  for (const label of ["Lunes: cierra", "Antelación mínima (minutos)", "Zona horaria"]) {
    const field = page.getByLabel(label, { exact: true });
    t.equal(await field.getAttribute("aria-invalid"), "true", label);
    const ids = (await field.getAttribute("aria-describedby"))?.split(" ") ?? [];
    const texts = await Promise.all(ids.map((id) => page.locator(`[id="${id}"]`).innerText()));
    t.ok(texts.join(" ").trim(), `${label}: ${texts.join(" ")}`);
  }
  t.equal(await page.getByLabel("Antelación mínima (minutos)").inputValue(), "soon", "as it was typed");
  t.strictSame(await findBarriers(page), []);
});
