import type { Page } from "playwright-core";
import t, { type Test } from "tap";
import { testInBrowser } from "../support/browser/open-browser.ts";
import { createPanel, type Panel } from "../support/browser/panel.ts";
import type { Person } from "../support/browser/person.ts";

type Outcome = {
  readonly name: string;
  /** What happens before the business opens its link. */
  readonly before?: (panel: Panel, admin: Person) => Promise<unknown>;
  /** What the business does at its provider. Default: it allows. */
  readonly answer?: (page: Page) => Promise<unknown>;
  readonly business: RegExp;
  /** On the link's page, which nobody loads again. */
  readonly admin: RegExp;
};

const allow = (page: Page) => page.locator("button[value=allow]").click();
const tokens = (panel: Panel, fault: object) =>
  panel.world.sandbox("POST", "faults", { method: "POST", path: "/token", ...fault });

/** As Google answers where it gives no lasting permission. */
function lastingNothing({ world }: Panel) {
  const iat = Math.floor(world.now() / 1_000);
  const claims = {
    ...{ iss: "https://accounts.google.com", aud: "sandbox-client", sub: "1", email: "luna@example.com" },
    ...{ email_verified: true, iat, exp: iat + 3_600 },
  };
  return {
    access_token: "ya29.x",
    expires_in: 3_599,
    scope: "openid https://www.googleapis.com/auth/calendar.events",
    id_token: `x.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.x`,
  };
}

const outcomes: readonly Outcome[] = [
  { name: "it allows", business: /Tu calendario está conectado/, admin: /¡Conectado!.*luna@example\.com/s },
  {
    name: "it denies",
    answer: (page) => page.locator("button[value=deny]").click(),
    business: /No se conectó nada/,
    admin: /Esperando.*No dio permiso/s,
  },
  {
    name: "it unticks the calendar",
    answer: async (page) => {
      await page.locator("input[name=granted]").uncheck();
      await allow(page);
    },
    business: /casilla del calendario/i,
    admin: /Esperando.*Dejó sin marcar/s,
  },
  {
    name: "it chooses another account",
    answer: async (page) => {
      await page.getByRole("link", { name: "Use another account" }).click();
      await page.locator("#account").fill("mallory@example.com");
      await page.getByRole("button", { name: "Next" }).click();
      await allow(page);
    },
    business: /mallory@example\.com.*luna@example\.com/s,
    admin: /Eligió otra cuenta \(mallory@example\.com\)/,
  },
  {
    name: "its provider doesn't confirm it",
    before: (panel) => tokens(panel, { status: 400, body: { error: "invalid_grant" } }),
    business: /Google no lo confirmó/,
    admin: /El proveedor no completó la conexión/,
  },
  {
    name: "its provider gives no lasting permission",
    before: (panel) => tokens(panel, { status: 200, body: lastingNothing(panel) }),
    business: /permiso duradero/,
    admin: /no dio un permiso duradero/,
  },
  {
    name: "its calendar can't be read",
    before: (panel) => panel.world.fault("any", { reason: "notACalendarUser" }),
    business: /todavía no tiene calendario/i,
    admin: /¡Conectado!.*rechaza el acceso/s,
  },
];

async function addLuna(panel: Panel): Promise<{ admin: Person; link: string }> {
  const { world } = panel;
  await world.sandbox("POST", "accounts", { email: "luna@example.com", time_zone: "America/Bogota" });
  const { body } = await world.connect("luna");
  const admin = await panel.openAsAdmin();
  await admin.page.goto(`${world.adminUrl}/clientes/luna/enlace`);
  return { admin, link: body.shareable_link };
}

const stateOf = ({ page }: Person) => page.locator("#consent-state");

for (const { name, before, answer = allow, business, admin: expected } of outcomes)
  testInBrowser(t, `the business and the admin are told how a consent ends: ${name}`, async (t, browser) => {
    const panel = await createPanel(t, browser);
    const { admin, link } = await addLuna(panel);
    await before?.(panel, admin);
    const owner = await panel.openAsBusiness();
    owner.expect(/status of \d+/);
    await owner.page.goto(link);
    t.match(await owner.page.locator("h1").innerText(), /Conecta el calendario de Business luna/);
    await owner.page.getByRole("button").first().click();
    await answer(owner.page);
    t.match(await owner.page.locator("main").innerText(), business);
    await stateOf(admin).filter({ hasText: expected }).waitFor();
    await expectListed(
      t,
      panel,
      admin,
      /Conectado/.test(expected.source) ? /Conectado/ : /Esperando permiso/,
    );
  });

async function expectListed(t: Test, { world }: Panel, { page }: Person, state: RegExp): Promise<void> {
  await page.goto(`${world.adminUrl}/clientes`);
  t.match(await page.getByRole("row", { name: "Business luna" }).innerText(), state);
}

testInBrowser(t, "links that lead nowhere say so, to the business and in the panel", async (t, browser) => {
  const panel = await createPanel(t, browser);
  const { world } = panel;
  const { admin, link } = await addLuna(panel);
  const owner = await panel.openAsBusiness();
  owner.expect(/status of 4\d\d/);
  const visit = async (url: string) => {
    await owner.page.goto(url);
    return owner.page.locator("main").innerText();
  };
  t.match(await visit(`${world.mcpUrl}/connect/nonsense`), /Este enlace no funciona/);
  t.match(await visit(`${world.mcpUrl}/oauth/callback?code=x&state=of-another`), /Empieza de nuevo/);

  admin.page.on("dialog", (dialog) => void dialog.accept());
  await admin.page.getByRole("button", { name: "Reemplazar el enlace" }).click();
  await admin.page.locator(`#shareable-link:not([value="${link}"])`).waitFor();
  t.match(await visit(link), /Este enlace fue reemplazado/);

  const second = await admin.page.locator("#shareable-link").inputValue();
  await owner.page.goto(second);
  await owner.page.getByRole("button").first().click();
  await allow(owner.page);
  t.match(await owner.page.locator("main").innerText(), /Tu calendario está conectado/);
  t.match(await visit(second), /Este enlace ya se usó/);
  await stateOf(admin).getByText("¡Conectado!").waitFor();

  await admin.page.reload();
  await admin.page.getByRole("button", { name: "Crear un enlace nuevo" }).click();
  const third = await admin.page.locator("#shareable-link").inputValue();
  world.clock.now += 8 * 86_400_000;
  t.match(await visit(third), /Este enlace ha caducado/);
  await admin.page.reload();
  t.equal(await admin.page.locator("#shareable-link").count(), 0);
});
