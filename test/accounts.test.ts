import { sql } from "kysely";
import t from "tap";
import { createWorld, serviceKey, type World } from "./support/world.ts";

const monday = { date_iso: "2027-01-18" };
const hour = 3_600_000;

const stateOf = async (world: World, customerId: string) =>
  (await world.api("GET", `/v1/customer-calendars/${customerId}`)).body;

const accountOf = async (world: World, email: string): Promise<string> =>
  (await world.sandbox("GET", `events?email=${email}`)).sub;

const connectionOf = (world: World, customerId: string) =>
  world.mcp.store.connections.find({ customerId, provider: "google" });

/** As admin-api asks, but without an address. */
async function authorize(world: World, body: object) {
  const headers = { authorization: `Bearer ${serviceKey}`, "content-type": "application/json" };
  const request = { method: "POST", headers, body: JSON.stringify(body) };
  return JSON.parse(await (await fetch(`${world.mcpUrl}/oauth/authorize`, request)).text());
}

/** Luna's connection is lost. @returns the link to connect again. */
async function loseLuna(world: World): Promise<string> {
  await world.sandbox("POST", "revoke", { email: "luna@example.com" });
  const { error } = await world.call("luna", "get_available_slots", monday);
  if (error?.code !== "reconnect_required") throw new Error(`not lost: ${JSON.stringify(error)}`);
  return (await stateOf(world, "luna")).reconnect_link;
}

t.test("an account whose address has changed is the same account", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  const sub = await accountOf(world, "luna@example.com");
  t.match(await connectionOf(world, "luna"), { accountId: sub });

  const link = await loseLuna(world);
  await world.sandbox("POST", "accounts", { email: "barberia@example.com", sub });
  t.equal((await world.consent(link, { account: "barberia@example.com" })).status, 200);
  t.match(await stateOf(world, "luna"), { status: "connected", calendar_email: "barberia@example.com" });
  t.match(await connectionOf(world, "luna"), { accountId: sub });
  t.notOk((await world.call("luna", "get_available_slots", monday)).error);
});

t.test("another account that has taken over the old address isn't, until the admin allows it", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  const link = await loseLuna(world);
  await world.sandbox("POST", "accounts", { email: "luna@example.com", sub: "another-account" });

  const page = await world.consent(link);
  t.match(page, { status: 403, text: /luna@example\.com now belongs to another Google account/ });
  t.match(page.text, "wrong_account");
  t.match(await stateOf(world, "luna"), {
    status: "reconnect_required",
    link: {
      state: "live",
      last_attempt: {
        outcome: "wrong_account",
        account_email: "luna@example.com",
        message: /^luna@example\.com now belongs to another Google account .* Allow it with any_account\.$/,
      },
    },
  });
  await world.connect("luna");
  t.equal((await world.consent(link)).status, 403, "a system that repeats the address allows nothing");
  await world.connect("luna", { any_account: true });
  t.equal((await world.consent(link, { account: "luna@example.com" })).status, 200);
  t.match(await connectionOf(world, "luna"), { accountId: "another-account" });
});

t.test(
  "a further link for a connected customer asks for the account too, one for an address for the address",
  async (t) => {
    const world = await createWorld(t);
    await world.connected("luna");
    const sub = await accountOf(world, "luna@example.com");
    await world.sandbox("POST", "accounts", { email: "barberia@example.com", sub });
    await world.sandbox("POST", "accounts", { email: "luna@example.com", sub: "another-account" });

    const again = await authorize(world, { customer_id: "luna" });
    t.equal((await world.consent(again.shareable_link)).status, 403);
    const corrected = (await world.connect("luna", { customer_email: "sol@example.com" })).body;
    t.equal(corrected.shareable_link, again.shareable_link, "the link that was sent goes on working");
    t.equal((await world.consent(again.shareable_link, { account: "barberia@example.com" })).status, 403);
    t.equal((await world.consent(again.shareable_link, { account: "sol@example.com" })).status, 200);

    const named = (await world.connect("luna", { customer_email: "luna@example.com" })).body;
    t.equal((await world.consent(named.shareable_link)).status, 200, "whoever has the address now");
    t.match(await connectionOf(world, "luna"), { accountId: "another-account" });
  },
);

t.test("an older connection learns its account from the next refresh, and never another's", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  const sub = await accountOf(world, "luna@example.com");
  const refresh = async () => {
    world.clock.now += hour;
    t.notOk((await world.call("luna", "get_available_slots", { date_iso: "2027-01-19" })).error);
  };
  await sql`update oauth_tokens set account_id = null`.execute(world.mcp.db);
  await world.restart();
  t.match(await connectionOf(world, "luna"), { accountId: null });
  await refresh();
  t.match(await connectionOf(world, "luna"), { accountId: sub });

  await sql`update oauth_tokens set account_id = 'known before'`.execute(world.mcp.db);
  await world.restart();
  await refresh();
  t.match(await connectionOf(world, "luna"), { accountId: "known before" });
});

t.test("what two customers share is the account, not the address", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  const sub = await accountOf(world, "luna@example.com");
  await world.sandbox("POST", "accounts", { email: "sol@example.com", sub });
  const { body } = await world.connect("sol");
  t.equal((await world.consent(body.shareable_link)).status, 200);
  t.match((await world.api("DELETE", "/v1/customer-calendars/sol")).body, { revoked_at_provider: false });

  await world.sandbox("POST", "accounts", { email: "luna@example.com", sub: "another-account" });
  const mar = (await world.connect("mar", { customer_email: "luna@example.com" })).body;
  t.equal((await world.consent(mar.shareable_link)).status, 200);
  t.match((await world.api("DELETE", "/v1/customer-calendars/mar")).body, { revoked_at_provider: true });
});
