import { controlSandbox } from "./local-google.ts";
import type { ProviderCall } from "./provider-calls.ts";
import type { TestedProvider } from "./tested-provider.ts";

/** What a test does at the provider's stand-in. */
export function createStandInControls(provider: TestedProvider, url: string) {
  const sandbox = (method: string, path: string, body?: unknown) => controlSandbox(url, method, path, body);
  return {
    sandbox,
    /** A fault of the calls of one kind, or of all of the calendar's. */
    fault: (call: ProviderCall | "any", fault: object) =>
      sandbox("POST", "faults", {
        ...(call === "any" ? { path: provider.apiPath } : provider.endpoints[call]),
        ...fault,
      }),
    /** What stands in an account's calendar, by time. */
    readEvents: (email: string) => provider.readEvents(url, email),
    /** The business itself, in its own calendar. */
    ownerOf: (customerId: string) => provider.signInOwner(url, `${customerId}@example.com`),
    signInOwner: (email: string) => provider.signInOwner(url, email),
  };
}
