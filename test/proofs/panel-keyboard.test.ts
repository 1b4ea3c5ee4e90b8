import type { Page } from "playwright-core";
import t, { type Test } from "tap";
import { testInBrowser } from "../support/browser/open-browser.ts";
import { adminEmail, createPanel, pathOf } from "../support/browser/panel.ts";
import { password } from "../support/people.ts";

/** What has the focus: what it is called, and whether one sees that it has it. */
type Focused = { readonly name: string; readonly isSeen: boolean };

const readFocused = `(() => {
  const one = document.activeElement;
  if (one === null || one === document.body) return { name: "", isSeen: true };
  const { outlineStyle, outlineWidth, boxShadow, borderColor } = getComputedStyle(one);
  const label = one.labels?.[0]?.textContent ?? "";
  const name = one.getAttribute("aria-label") ?? (label.trim() || (one.textContent ?? ""));
  const isSeen = (outlineStyle !== "none" && parseFloat(outlineWidth) > 0) || boxShadow !== "none";
  return { name: name.trim(), isSeen };
})()`;

const mostTabs = 80;

/** Presses Tab until something of that name has the focus. */
async function tabTo(page: Page, t: Test, wanted: string): Promise<void> {
  const passed: string[] = [];
  for (let tabs = 0; tabs < mostTabs; tabs++) {
    const { name, isSeen } = await page.evaluate<Focused>(readFocused);
    if (!isSeen) t.fail(`one doesn't see that "${name}" has the focus`);
    if (name.startsWith(wanted)) return;
    passed.push(name);
    await page.keyboard.press("Tab");
  }
  throw new Error(`"${wanted}" isn't reached: ${passed.join(", ")}`);
}

/** @param to where it leads. */
async function enter(page: Page, to: string | RegExp): Promise<void> {
  const arrived = page.waitForURL(to, { waitUntil: "load" });
  await page.keyboard.press("Enter");
  await arrived;
}

testInBrowser(t, "signing in, finding and adding a customer by the keyboard alone", async (t, browser) => {
  const panel = await createPanel(t, browser);
  const { world } = panel;
  await world.connected("luna");
  const { page, expect } = await panel.open();
  // A form with a problem.
  expect(/status of 422/);
  const { keyboard } = page;
  await page.goto(`${world.adminUrl}/login`);
  await tabTo(page, t, "Correo");
  await keyboard.type(adminEmail);
  await tabTo(page, t, "Contraseña");
  await keyboard.type(password);
  await enter(page, `${world.adminUrl}/`);

  await keyboard.press("Tab");
  t.match(
    await page.evaluate<Focused>(readFocused),
    { name: /contenido/i, isSeen: true },
    "the menu can be skipped",
  );
  await tabTo(page, t, "Clientes");
  await enter(page, `${world.adminUrl}/clientes`);
  await tabTo(page, t, "Buscar");
  await keyboard.type("luna");
  await page.waitForURL(/q=luna/);
  await tabTo(page, t, "Business luna");
  await enter(page, `${world.adminUrl}/clientes/luna`);
  await tabTo(page, t, "Horario");
  await enter(page, /\/horario$/);

  await tabTo(page, t, "Clientes");
  await enter(page, /\/clientes$/);
  await tabTo(page, t, "Agregar cliente");
  await enter(page, /\/nuevo$/);
  await tabTo(page, t, "Nombre del negocio");
  await keyboard.press("Enter");
  await page.getByText("Escribe el nombre del negocio.").first().waitFor();
  await page.waitForLoadState();
  await tabTo(page, t, "Nombre del negocio");
  await keyboard.type("Consultorio Río");
  await tabTo(page, t, "Correo de su cuenta");
  await keyboard.type("rio@example.com");
  await tabTo(page, t, "Aceptar cualquier cuenta");
  await keyboard.press("Space");
  await tabTo(page, t, "Crear y ver el enlace");
  await enter(page, /\/enlace$/);
  t.equal(pathOf(page), "/clientes/consultorio-rio/enlace");
  await tabTo(page, t, "Copiar");
  await tabTo(page, t, "Enviar por WhatsApp");
  await tabTo(page, t, "Reemplazar el enlace");
});

testInBrowser(t, "a week's booking is moved and cancelled by the keyboard alone", async (t, browser) => {
  const panel = await createPanel(t, browser);
  const { world } = panel;
  await world.connected("luna");
  await world.call("luna", "book", { start_iso: "2027-01-18T10:00:00-05:00", attendee_name: "Ana" });
  const { page } = await panel.openAsAdmin();
  const { keyboard } = page;
  await page.goto(`${world.adminUrl}/clientes/luna/semana?desde=2027-01-18`);
  await page.locator(".week").getByRole("link", { name: "Ana" }).waitFor();
  await tabTo(page, t, "Ana");
  await enter(page, /\/citas\/\w+$/);
  await tabTo(page, t, "Mover");
  await enter(page, /\/mover$/);
  await tabTo(page, t, "09:00");
  await keyboard.press("Space");
  await enter(page, /hecho=moved/);
  await page.getByText("La cita quedó movida.").waitFor();
  await tabTo(page, t, "Cancelar la cita");
  await enter(page, /\/cancelar$/);
  await tabTo(page, t, "Sí, cancelarla");
  await keyboard.press("Enter");
  await page.getByText("La cita quedó cancelada.").waitFor();
});
