/**
 * A real browser: starting one (here), what a person does with it and what its pages are watched for (`person.ts`), the
 * panel that they look at (`panel.ts`), its pages (`panel-pages.ts`), and what is wrong with a page for those who see, hear
 * or operate it otherwise (`accessibility.ts`). `../browser.ts` is the stand-in for tests that need no scripts.
 */

import serverlessChromium from "@sparticuz/chromium";
import { type Browser, chromium, type LaunchOptions } from "playwright-core";
import type { Test } from "tap";

// Tests may run as root, and in containers: there is no sandbox of namespaces there.
const args = ["--no-sandbox", "--disable-background-networking", "--disable-dev-shm-usage"];

/** The package's Chromium is for Linux on x64. */
async function* launchOptions(): AsyncGenerator<LaunchOptions> {
  if (process.platform === "linux" && process.arch === "x64")
    yield { executablePath: await serverlessChromium.executablePath() };
  yield { channel: "chrome" };
  yield { executablePath: "/usr/bin/chromium" };
}

/** @returns the reasons where none can start. */
async function launch(): Promise<Browser | string> {
  const reasons: string[] = [];
  for await (const options of launchOptions()) {
    try {
      return await chromium.launch({ ...options, args });
    } catch (error) {
      reasons.push((error as Error).message.split("\n")[0] ?? "");
    }
  }
  return reasons.join("; ");
}

/** A test in a browser, which is closed with it. Where none can start it fails in CI, and says so elsewhere. */
export function testInBrowser(
  t: Test,
  name: string,
  test: (t: Test, browser: Browser) => Promise<void>,
): void {
  void t.test(name, async (t) => {
    const browser = await launch();
    if (typeof browser !== "string") {
      t.teardown(() => browser.close());
      return test(t, browser);
    }
    if (process.env.CI) t.fail(`no browser can start: ${browser}`);
    else t.comment(`NOT RUN, no browser can start here: ${browser}`);
  });
}
