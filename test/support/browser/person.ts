import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import type { Test } from "tap";

export type Device = {
  readonly isPhone?: boolean;
  /** The language that the browser asks for. */
  readonly language?: "es" | "en" | "pt";
  readonly isDark?: boolean;
  readonly hasScripts?: boolean;
};

export type Person = {
  readonly page: Page;
  /** What the pages say of a failure that the test brings about. */
  expect(complaint: RegExp): void;
};

const locales = { es: "es-CO", en: "en-GB", pt: "pt-BR" } as const;
const sizes = { phone: { width: 390, height: 844 }, desktop: { width: 1_280, height: 860 } } as const;

/**
 * Somebody with a browser of their own: no cookie is shared. When the test ends, none of their pages may have logged an
 * error, thrown one, or asked anything of another origin than of those given.
 */
export async function createPerson(
  t: Test,
  browser: Browser,
  origins: readonly string[],
  device: Device = {},
): Promise<Person> {
  const { isPhone = false, language = "es", isDark = false, hasScripts = true } = device;
  const options: BrowserContextOptions = {
    ...{ locale: locales[language], javaScriptEnabled: hasScripts },
    viewport: isPhone ? sizes.phone : sizes.desktop,
    ...(isPhone && { isMobile: true, hasTouch: true }),
    colorScheme: isDark ? "dark" : "light",
    reducedMotion: "reduce",
  };
  const context = await browser.newContext(options);
  context.setDefaultTimeout(10_000);
  const complaints: string[] = [];
  const expected: RegExp[] = [];
  context.on("console", (message) => {
    if (["error", "warning"].includes(message.type()))
      complaints.push(`${message.page()?.url()}: ${message.text()}`);
  });
  context.on("weberror", (error) => complaints.push(`${error.page()?.url()}: ${error.error().message}`));
  context.on("request", (request) => {
    const { protocol, origin } = new URL(request.url());
    const isOfNetwork = !["data:", "blob:", "about:"].includes(protocol);
    if (isOfNetwork && !origins.includes(origin)) complaints.push(`a request to ${request.url()}`);
  });
  const page = await context.newPage();
  const unexpected = () => complaints.filter((one) => !expected.some((pattern) => pattern.test(one)));
  t.teardown(async () => {
    await context.close();
    if (unexpected().length > 0) throw new Error(`Pages complain: ${JSON.stringify(unexpected())}`);
  });
  return { page, expect: (complaint) => void expected.push(complaint) };
}
