import t from "tap";
import { testInBrowser } from "../support/browser/open-browser.ts";
import { createPanel } from "../support/browser/panel.ts";

testInBrowser(t, "without JavaScript everything works but what is live", async (t, browser) => {
  const panel = await createPanel(t, browser);
  const { world } = panel;
  await world.sandbox("POST", "accounts", { email: "luna@example.com", time_zone: "America/Bogota" });
  const { page } = await panel.openAsAdmin({ hasScripts: false });
  await page.getByRole("link", { name: "Clientes", exact: true }).click();
  await page.getByRole("link", { name: "Agregar cliente" }).first().click();
  await page.getByLabel("Nombre del negocio").fill("Barbería Luna");
  await page.getByLabel("Correo de su cuenta").fill("luna@example.com");
  await page.getByRole("button", { name: "Crear y ver el enlace" }).click();
  t.match(page.url(), /barberia-luna\/enlace$/, "the identifier is made of the name");

  const owner = await panel.openAsBusiness({ isPhone: true, hasScripts: false });
  await owner.page.goto(await page.locator("#shareable-link").inputValue());
  await owner.page.getByRole("button").first().click();
  await owner.page.locator("button[value=allow]").click();
  t.match(await owner.page.locator("h1").innerText(), /está conectado/);
  await page.reload();
  await page.getByText("¡Conectado!").waitFor();

  await page.goto(`${world.adminUrl}/clientes`);
  await page.getByLabel("Buscar").fill("nobody");
  await page.getByRole("button", { name: "Filtrar" }).click();
  await page.getByText("Nadie coincide").waitFor();
  await page.goto(`${world.adminUrl}/clientes/barberia-luna/horario`);
  await page.getByLabel("Lunes: abre").fill("10:00");
  await page.getByRole("button", { name: "Agregar horas: Sábado" }).click();
  await page.getByLabel("Sábado: abre").fill("09:00");
  await page.locator("noscript button, aside button").first().click();
  await page.locator("#preview .slots", { hasText: "sábado" }).first().getByText("09:00").waitFor();
  await page.locator(".save-bar button").click();
  t.match(page.url(), /guardado/);

  await page.getByRole("link", { name: "Probar" }).click();
  await page.getByLabel("Día", { exact: true }).fill("2027-01-18");
  await page.getByRole("button", { name: "Llamar" }).click();
  await page.locator("#resultado").getByRole("link", { name: "10:00" }).click();
  await page.getByLabel("Nombre de la persona").fill("Ana Pérez");
  await page.getByRole("button", { name: "Llamar" }).click();
  await page.getByRole("link", { name: "Ver la semana" }).click();
  await page.locator("details.week-list").getByRole("link", { name: "Ana Pérez" }).click();
  await page.getByRole("link", { name: "Mover" }).click();
  await page.locator("label.time", { hasText: "11:00" }).first().click();
  await page.getByRole("button", { name: "Mover" }).click();
  await page.getByText("La cita quedó movida.").waitFor();
  await page.getByRole("link", { name: "Cancelar la cita" }).click();
  await page.getByRole("button", { name: "Sí, cancelarla" }).click();
  await page.getByText("La cita quedó cancelada.").waitFor();
  await page.getByRole("button", { name: "Salir" }).click();
  t.match(page.url(), /\/login$/);
});
