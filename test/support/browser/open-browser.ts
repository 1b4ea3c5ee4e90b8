/**
 * A real browser: starting one (here), what a person does with it and what its pages are watched for (`person.ts`), the
 * panel that they look at (`panel.ts`), its pages (`panel-pages.ts`), and what is wrong with a page for those who see, hear
 * or operate it otherwise (`accessibility.ts`). `../browser.ts` is the stand-in for tests that need no scripts.
 */

import serverlessChromium from "@sparticuz/chromium";
import { type Browser, chromium, type LaunchOptions } from "playwright-core";
import type { Test } from "tap";
import { createPerson, type Device, type Person } from "./person.ts";

// Tests may run as root, and in containers: there is no sandbox of namespaces there.
const args = ["--no-sandbox", "--disable-background-networking", "--disable-dev-shm-usage"];

/** Where a browser may be. The package's Chromium is for Linux on x64. */
const places: readonly (() => Promise<LaunchOptions>)[] = [
  ...(process.platform === "linux" && process.arch === "x64"
    ? [async () => ({ executablePath: await serverlessChromium.executablePath() })]
    : []),
  async () => ({ channel: "chrome" }),
  async () => ({ executablePath: "/usr/bin/chromium" }),
];

/** @returns the reasons where none can start. */
async function launch(): Promise<Browser | string> {
  const reasons: string[] = [];
  for (const findOptions of places) {
    try {
      return await chromium.launch({ ...(await findOptions()), args });
    } catch (error) {
      reasons.push((error as Error).message.split("\n")[0] ?? "");
    }
  }
  return reasons.join("; ");
}

/** What tests do with a browser. */
export type TestBrowser = {
  open(origins: readonly string[], device?: Device): Promise<Person>;
};

/**
 * A test in a browser, which is closed with it. None of the pages may log an error, throw one, or ask anything of another
 * origin. Where no browser can start the test fails in CI, and says so elsewhere.
 */
export function testInBrowser(
  t: Test,
  name: string,
  test: (t: Test, browser: TestBrowser) => Promise<void>,
): void {
  void t.test(name, async (t) => {
    const browser = await launch();
    if (typeof browser === "string") {
      if (process.env.CI) t.fail(`no browser can start: ${browser}`);
      else t.comment(`NOT RUN, no browser can start here: ${browser}`);
      return;
    }
    t.teardown(() => browser.close());
    const people: Person[] = [];
    await test(t, {
      async open(origins, device) {
        const person = await createPerson(browser, origins, device);
        people.push(person);
        return person;
      },
    });
    t.strictSame(
      people.flatMap((person) => person.complaints()),
      [],
      "no page complains",
    );
  });
}
