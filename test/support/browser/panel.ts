import type { Page } from "playwright-core";
import type { Test } from "tap";
import type { IntegrationsWorld } from "../integrations-world.ts";
import { createConnectedWorlds } from "../panel-integrations.ts";
import { addPerson, password } from "../people.ts";
import { createWorld, sundayEvening, type World } from "../world.ts";
import type { TestBrowser } from "./open-browser.ts";
import type { Device, Person } from "./person.ts";

export const adminEmail = "admin@example.com";

export type Panel = {
  readonly world: World;
  /** undefined unless it was asked for: admin-api finds none then. */
  readonly integrations: IntegrationsWorld | undefined;
  /** An admin who has signed in by clicking. */
  openAsAdmin(device?: Device): Promise<Person>;
  /** Somebody in front of the panel, whom it doesn't know. */
  open(device?: Device): Promise<Person>;
  /** A business with its phone, which goes from its link to its provider and back. */
  openAsBusiness(device?: Device): Promise<Person>;
};

/** Both services as they run, with one admin, on a Sunday evening whose clock runs. */
export async function createPanel(
  t: Test,
  browser: TestBrowser,
  options: NonNullable<Parameters<typeof createWorld>[1]> & { readonly hasIntegrations?: boolean } = {},
): Promise<Panel> {
  const begun = performance.now();
  const adminNow = () => sundayEvening + Math.floor(performance.now() - begun);
  const { hasIntegrations = false, ...given } = options;
  const running = { clockRuns: true, adminNow, followsEvents: true, ...given };
  const { world, integrations } = hasIntegrations
    ? await createConnectedWorlds(t, running)
    : { world: await createWorld(t, running), integrations: undefined };
  await addPerson(world, { email: adminEmail, role: "admin" });
  const elsewhere = integrations === undefined ? [] : [integrations.url, integrations.sandboxUrl];
  const open = (device?: Device) => browser.open([world.adminUrl, ...elsewhere], device);
  return {
    ...{ world, integrations },
    open,
    async openAsAdmin(device) {
      const person = await open(device);
      await signIn(person.page, world.adminUrl);
      return person;
    },
    openAsBusiness: (device = { isPhone: true }) => browser.open([world.mcpUrl, world.providerUrl], device),
  };
}

/** Signs in at the page that asks for it, or at the start page. */
export async function signIn(page: Page, adminUrl: string, email = adminEmail): Promise<void> {
  if (!page.url().startsWith(adminUrl)) await page.goto(`${adminUrl}/login`);
  await page.fill("#field-email", email);
  await page.fill("#field-password", password);
  await page.press("#field-password", "Enter");
  await page.waitForURL((url) => url.pathname !== "/login");
}

/** The path of the page's address. */
export function pathOf(page: Page): string {
  return new URL(page.url()).pathname;
}
