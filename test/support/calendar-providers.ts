import t from "tap";
import { googleProvider } from "./google-provider.ts";
import { agendaProvider } from "./other-provider/agenda-provider.ts";
import type { TestedProvider } from "./tested-provider.ts";

/** The providers that tests of bookings run for: Google, and one that has little in common with it. */
export const calendarProviders: readonly [TestedProvider, ...TestedProvider[]] = [
  googleProvider,
  agendaProvider,
];

/** The provider that this run of a test file is for; the first, unless the file's address names another. */
export function testedProvider(fileUrl: string): TestedProvider {
  const id = new URL(fileUrl).searchParams.get("provider");
  const [first] = calendarProviders;
  return calendarProviders.find((provider) => provider.id === id) ?? first;
}

/** Whether a test file has run before, for another provider: then long rounds of the same kind needn't be repeated. */
export function isRepeated(provider: TestedProvider): boolean {
  return provider !== calendarProviders[0];
}

/** Runs a test file again for each other provider, one after the other. To be called at the file's end. */
export function testOtherProviders(fileUrl: string): void {
  const done = calendarProviders.indexOf(testedProvider(fileUrl));
  const next = calendarProviders[done + 1];
  if (next === undefined) return;
  t.setTimeout(600_000);
  const url = new URL(fileUrl);
  url.searchParams.set("provider", next.id);
  void t.test(`with ${next.name}`, async () => {
    await import(url.href);
  });
}
