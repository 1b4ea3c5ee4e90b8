import type { Browser, BrowserContextOptions, Page } from "playwright-core";

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
  /** What else their pages have logged, thrown or asked of other origins so far. */
  complaints(): string[];
};

const locales = { es: "es-CO", en: "en-GB", pt: "pt-BR" } as const;
const sizes = { phone: { width: 390, height: 844 }, desktop: { width: 1_280, height: 860 } } as const;

/**
 * Somebody with a browser of their own: no cookie is shared.
 * @param origins all that their pages may ask anything of.
 */
export async function createPerson(
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
  return {
    page,
    expect: (complaint) => void expected.push(complaint),
    complaints: () => complaints.filter((one) => !expected.some((pattern) => pattern.test(one))),
  };
}
