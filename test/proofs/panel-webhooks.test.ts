import type { Page } from "playwright-core";
import t, { type Test } from "tap";
import { findBarriers } from "../support/browser/accessibility.ts";
import { type TestBrowser, testInBrowser } from "../support/browser/open-browser.ts";
import { pathOf, signIn } from "../support/browser/panel.ts";
import type { Device } from "../support/browser/person.ts";
import { openWithWebhooks, webhooksOfLuna } from "../support/panel-webhooks.ts";
import { answerWith, openReceiver, verify } from "../support/webhook-receiver.ts";

async function openPanel(t: Test, browser: TestBrowser, device: Device) {
  const { world, integrations } = await openWithWebhooks(t);
  const receiver = await openReceiver(t, answerWith(200, {}, "thanks"));
  const { page } = await browser.open([world.adminUrl], device);
  page.on("dialog", (dialog) => void dialog.accept());
  await signIn(page, world.adminUrl);
  await page.goto(`${world.adminUrl}/clientes/luna/conexiones`);
  await page.getByRole("link", { name: "Ver los avisos" }).click();
  await page.getByText("Todavía no se avisa a ningún sistema").waitFor();
  return { page, receiver, integrations };
}

/** @returns the secret */
async function create(page: Page, url: string): Promise<string> {
  await page.getByLabel("Dirección de tu sistema").fill(url);
  await page.locator('input[name=events][value="*"]').check();
  await page.getByRole("button", { name: "Avisar a otro sistema" }).click();
  await page.getByText("Aviso creado.").waitFor();
  return page.getByLabel("Secreto", { exact: true }).inputValue();
}

async function openSummary(page: Page, name: string): Promise<void> {
  await page.locator("summary", { hasText: new RegExp(`^${name}$`) }).click();
}

testInBrowser(t, "a webhook is made, tested, repeated, rotated and deleted", async (t, browser) => {
  const { page, receiver, integrations } = await openPanel(t, browser, {});
  const look = async (label: string) => t.strictSame(await findBarriers(page), [], label);
  const secret = await create(page, receiver.url);
  integrations.secrets.note("webhook secret", secret);
  await look("made");
  await page.getByRole("link", { name: "/hook" }).click();
  await page.getByRole("button", { name: "Enviar una prueba" }).click();
  await page.getByText("Entregado").first().waitFor();
  await look("a delivery");
  const [received] = await receiver.got(1);
  if (received === undefined) throw new Error("nothing was received");
  t.match(verify(secret, received), { type: "webhook.test" });
  await page.getByRole("button", { name: "Repetir" }).click();
  await receiver.got(2);
  await page.getByRole("link", { name: "Volver al aviso" }).click();

  await openSummary(page, "Repetir desde un momento");
  await page.getByRole("button", { name: "Repetir" }).click();
  await page.getByText("Se repite").waitFor();
  await openSummary(page, "Python");
  await look("one webhook");
  await openSummary(page, "Cambiar el secreto");
  await page.getByRole("button", { name: "Cambiar el secreto" }).click();
  await page.getByText("El anterior sigue firmando").waitFor();
  integrations.secrets.note("webhook secret", await page.getByLabel("Secreto", { exact: true }).inputValue());
  await openSummary(page, "Eliminar");
  await page.getByRole("button", { name: "Eliminar" }).click();
  await page.getByText("Aviso eliminado.").waitFor();
  t.equal(pathOf(page), webhooksOfLuna);
});

testInBrowser(t, "on a phone without JavaScript it is the same way", async (t, browser) => {
  const { page, receiver, integrations } = await openPanel(t, browser, { isPhone: true, hasScripts: false });
  integrations.secrets.note("webhook secret", await create(page, receiver.url));
  await page.getByRole("button", { name: "Pausar" }).click();
  await page.getByText("En pausa").waitFor();
  await page.getByRole("button", { name: "Reanudar" }).click();
  receiver.answer(answerWith(503));
  await page.getByRole("button", { name: "Enviar una prueba" }).click();
  await page.getByText("Respondió 503").waitFor();
  await page.getByRole("link", { name: "Volver al aviso" }).click();
  await page.getByText("Ningún envío llega desde").waitFor();
  const width = await page.evaluate<number>("document.documentElement.scrollWidth");
  t.ok(width <= 390, `nothing is wider than the window: ${width}`);
  await openSummary(page, "Eliminar");
  await page.getByRole("button", { name: "Eliminar" }).click();
  await page.getByText("Aviso eliminado.").waitFor();
});
