import { createEmulator } from "emulate";
import t, { type Test } from "tap";
import { createBrowser } from "./support/browser.ts";
import { createWorld, type GoogleServer } from "./support/world.ts";

/** A Google-shaped server that isn't ours. Its calendar tells no time zone, so bookings can't work there. */
async function startEmulator(t: Test, redirectUri: string): Promise<GoogleServer> {
  const [clientId, clientSecret] = ["emulated-client", "emulated-secret"];
  const emulator = await createEmulator({
    service: "google",
    port: 0,
    seed: {
      google: {
        users: [{ email: "luna@example.com", name: "Luna" }],
        oauth_clients: [
          { client_id: clientId, client_secret: clientSecret, name: "Cita", redirect_uris: [redirectUri] },
        ],
      },
    },
  });
  t.teardown(() => emulator.close());
  return {
    clientId,
    clientSecret,
    authorizationUrl: `${emulator.url}/o/oauth2/v2/auth`,
    tokenUrl: `${emulator.url}/oauth2/token`,
    revocationUrl: `${emulator.url}/oauth2/revoke`,
    apiUrl: emulator.url,
  };
}

t.test("consent, status, refresh and disconnect work against another Google-shaped server", async (t) => {
  const now = Date.now();
  const world = await createWorld(t, { now, startGoogle: (redirectUri) => startEmulator(t, redirectUri) });
  const { body } = await world.connect("luna");

  const browser = createBrowser();
  const accounts = await browser.submit(await browser.open(body.shareable_link));
  const done = await browser.submit(accounts, { formWith: "luna@example.com" });
  t.match(done, { status: 200, text: /Your calendar is connected/ });
  t.match((await world.api("GET", "/v1/customer-calendars/luna")).body, {
    status: "connected",
    calendar_email: "luna@example.com",
  });

  const key = { customerId: "luna", provider: "google" };
  const before = await world.mcp.store.connections.find(key);
  world.clock.now += 2 * 3_600_000;
  const { error } = await world.call("luna", "get_available_slots", { date_iso: "2027-01-18" });
  t.match(
    error,
    { code: "calendar_unavailable" },
    "a calendar without a time zone can't be read, and that is said",
  );
  const after = await world.mcp.store.connections.find(key);
  t.not(after?.accessToken, before?.accessToken, "the token was refreshed");
  t.equal(after?.refreshToken, before?.refreshToken, "the refresh token was kept");
  t.equal(after?.version, (before?.version ?? 0) + 1);

  t.match((await world.api("DELETE", "/v1/customer-calendars/luna")).body, { revoked_at_provider: true });
});
