import type { Page } from "playwright-core";
import t, { type Test } from "tap";
import { findBarriers } from "../support/browser/accessibility.ts";
import { testInBrowser } from "../support/browser/open-browser.ts";
import { createPanel, type Panel, pathOf } from "../support/browser/panel.ts";
import type { Device } from "../support/browser/person.ts";

/** At the stand-in's page of a provider. */
async function allow(page: Page, account: string): Promise<void> {
  await page.locator("#account").fill(account);
  await page.locator("button[value=allow]").click();
}

async function openLuna(t: Test, panel: Panel, device?: Device) {
  const { world, integrations } = panel;
  if (integrations === undefined) throw new Error("there is no integration service");
  await world.connect("luna", { customer_name: "Barbería Luna" });
  const { page } = await panel.openAsAdmin(device);
  page.on("dialog", (dialog) => void dialog.accept());
  const look = async (label: string) => t.strictSame(await findBarriers(page), [], label);
  return { world, integrations, page, look, list: `${world.adminUrl}/clientes/luna/conexiones` };
}

const rowOf = (page: Page, name: string) => page.locator("tbody tr", { hasText: name });

async function connectInstagram(page: Page, account: string): Promise<void> {
  await page.getByRole("button", { name: "Instagram", exact: true }).click();
  await allow(page, account);
  await page.getByText("Instagram quedó conectado con esta cuenta").waitFor();
}

testInBrowser(t, "a customer's accounts are connected, looked after and ended", async (t, browser) => {
  const panel = await createPanel(t, browser, { hasIntegrations: true });
  const { integrations, page, look, list } = await openLuna(t, panel);
  await page.getByRole("link", { name: "Clientes", exact: true }).click();
  await page.getByRole("link", { name: "Barbería Luna" }).click();
  await page.getByRole("link", { name: "Conexiones" }).last().click();
  await page.getByText("Todavía no hay ninguna cuenta conectada").waitFor();
  await look("nothing is connected");

  await connectInstagram(page, "luna@example.com");
  t.equal(pathOf(page), "/clientes/luna/conexiones", "back where it was begun");
  await look("connected");
  const row = rowOf(page, "Instagram");
  t.match(await row.innerText(), /Luna[\s\S]*Conectada[\s\S]*Se renueva solo/);

  await page.getByRole("button", { name: "Shopify", exact: true }).click();
  await page.getByLabel("La dirección de tu tienda").fill("https://luna.myshopify.com/admin");
  await page.getByRole("button").first().click();
  await allow(page, "tienda@example.com");
  await page.getByText("Shopify quedó conectado con esta cuenta").waitFor();
  t.match(await rowOf(page, "Shopify").innerText(), /Tienda[\s\S]*Conectada/);

  const revoke = `${integrations.sandboxUrl}/_sandbox/providers/instagram/revoke`;
  const body = JSON.stringify({ account: "luna@example.com" });
  await fetch(revoke, { method: "POST", headers: { "content-type": "application/json" }, body });
  const id = (await row.getAttribute("id")) ?? "";
  integrations.clock.now += 2 * 86_400_000;
  for (let i = 0; i < 3; i++) {
    await integrations.api("POST", `/integrations/${id}/refresh`);
    integrations.clock.now += 3_600_000;
  }
  await page.goto(list);
  t.match(await rowOf(page, "Instagram").innerText(), /Necesita permiso[\s\S]*Hay que volver a darlo/);
  await look("lost");
  await rowOf(page, "Instagram").getByRole("button", { name: "Reconectar" }).click();
  await allow(page, "luna@example.com");
  await page.getByText("Instagram quedó conectado con esta cuenta").waitFor();
  t.equal(await row.getAttribute("id"), id, "the same one");

  await rowOf(page, "Shopify").getByRole("button", { name: "Pausar" }).click();
  await rowOf(page, "Shopify").getByText("En pausa").waitFor();
  await rowOf(page, "Shopify").getByRole("button", { name: "Reanudar" }).click();
  await rowOf(page, "Shopify").getByText("Conectada", { exact: true }).waitFor();

  await rowOf(page, "Instagram")
    .getByRole("link", { name: /Registro/ })
    .click();
  await page.locator("#registro", { hasText: "Renovar el acceso" }).waitFor();
  t.match(await page.locator("#registro").innerText(), /Falló/);
  await page.getByLabel("Nombre").fill("Instagram de la barbería");
  await page.getByRole("button", { name: "Guardar" }).click();
  await page.getByText("Guardado.").waitFor();
  await look("one integration");

  await page.getByRole("link", { name: "Volver a las conexiones" }).click();
  await rowOf(page, "Instagram de la barbería")
    .getByRole("link", { name: /Desconectar/ })
    .click();
  const button = page.getByRole("button", { name: "Desconectar" });
  if (!(await button.isVisible())) await page.locator("summary", { hasText: "Desconectar" }).click();
  await look("disconnecting");
  await button.click();
  await page.getByText("El permiso en Instagram no se pudo retirar desde aquí").waitFor();
  t.match(await rowOf(page, "Instagram de la barbería").innerText(), /Desconectada/);
  await look("disconnected");
});

testInBrowser(t, "on a phone without JavaScript it is the same way", async (t, browser) => {
  const panel = await createPanel(t, browser, { hasIntegrations: true });
  const device = { isPhone: true, hasScripts: false };
  const { page, list } = await openLuna(t, panel, device);
  await page.goto(list);
  await connectInstagram(page, "luna@example.com");
  await page.getByRole("button", { name: "Pausar" }).click();
  await page.getByText("En pausa").waitFor();
  await page.getByRole("link", { name: /Desconectar/ }).click();
  const button = page.getByRole("button", { name: "Desconectar" });
  if (!(await button.isVisible())) await page.locator("summary", { hasText: "Desconectar" }).click();
  await button.click();
  await page.getByText("no se pudo retirar desde aquí").waitFor();
  await page.getByRole("button", { name: /Reconectar/ }).click();
  await page.locator("button[value=deny]").click();
  await page.getByText("No se conectó nada").waitFor();
  t.equal(pathOf(page), "/clientes/luna/conexiones");

  await page.getByRole("link", { name: "Conexiones" }).first().click();
  await page.getByText("Mis conexiones").first().waitFor();
  await page.getByRole("button", { name: "Slack", exact: true }).click();
  await allow(page, "ana@example.com");
  await page.getByText("Slack quedó conectado con esta cuenta").waitFor();
  t.equal(pathOf(page), "/conexiones");
});

testInBrowser(t, "where the browser doesn't go on by itself, a link does", async (t, browser) => {
  const panel = await createPanel(t, browser, { hasIntegrations: true });
  const { page, list, look, integrations } = await openLuna(t, panel);
  // An answer without a page: the browser stays where it is.
  await page.route(`${integrations.url}/**`, (route) => route.fulfill({ status: 204 }));
  await page.goto(list);
  await page.getByRole("button", { name: "Instagram", exact: true }).click();
  await page.getByRole("link", { name: "Seguir a Instagram" }).waitFor();
  await look("on the way");
  await page.unroute(`${integrations.url}/**`);
  await page.getByRole("link", { name: "Seguir a Instagram" }).click();
  await allow(page, "luna@example.com");
  await page.getByText("Instagram quedó conectado con esta cuenta").waitFor();
});
