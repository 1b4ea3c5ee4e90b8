import { sql } from "kysely";
import t, { type Test } from "tap";
import { untilCalled } from "./support/until-called.ts";
import { createWorld, type World } from "./support/world.ts";

const monday = { date_iso: "2027-01-18" };
const day = 86_400_000;

/** What the admin sees of a lost connection whose link is dead or was never made. */
const noLink = {
  status: "reconnect_required",
  reconnect_link: null,
  reconnect_message: /There is no live link for that: POST \/v1\/customer-calendars\/connect makes one\.$/,
};

async function stateOf(world: World, customerId: string) {
  return (await world.api("GET", `/v1/customer-calendars/${customerId}`)).body;
}

async function lose(world: World, customerId: string) {
  await world.sandbox("POST", "revoke", { email: `${customerId}@example.com` });
  return world.call(customerId, "get_available_slots", monday);
}

t.test("the link to connect again is there at once, the same for everybody who asks", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  t.match(await stateOf(world, "luna"), {
    status: "connected",
    reconnect_message: null,
    reconnect_link: null,
  });

  const { error } = await lose(world, "luna");
  t.match(error, { code: "reconnect_required" });
  t.notMatch(JSON.stringify(error), "/connect/", "an agent that serves the public never sees it");
  const { body } = await world.api("GET", "/v1/activity");
  t.match(
    body.activity.map((one: { kind: string }) => one.kind).slice(0, 2),
    ["link_issued", "reconnect_required"],
    "it was made before anybody asked",
  );

  const state = await stateOf(world, "luna");
  t.match(state, {
    status: "reconnect_required",
    calendar_connected: false,
    reconnect_reason: "invalid_grant",
    link: { state: "live", shareable_link: state.reconnect_link },
  });
  const [listed] = (await world.api("GET", "/v1/customer-calendars")).body.customers;
  t.equal(listed.reconnect_link, state.reconnect_link);
  t.equal((await world.connect("luna")).body.shareable_link, state.reconnect_link);

  t.equal((await world.consent(state.reconnect_link)).status, 200);
  t.match(await stateOf(world, "luna"), {
    status: "connected",
    reconnect_message: null,
    reconnect_link: null,
  });
  t.notOk((await world.call("luna", "get_available_slots", monday)).error);
});

t.test("a link that has run out is replaced by connect", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  await lose(world, "luna");
  const { reconnect_link: first } = await stateOf(world, "luna");
  world.clock.now += 8 * day;
  t.match(await stateOf(world, "luna"), { ...noLink, link: { state: "expired" } });
  const { body } = await world.connect("luna");
  t.not(body.shareable_link, first);
  const state = await stateOf(world, "luna");
  t.match(state, {
    reconnect_link: body.shareable_link,
    link: { state: "live", shareable_link: body.shareable_link, last_attempt: null },
  });
  t.notMatch(state.reconnect_message, "no live link");
  t.equal((await world.consent(body.shareable_link)).status, 200);
});

t.test("a loss whose link can't be made isn't recorded either, until both can be", async (t) => {
  const world = await createWorld(t, { engine: "sqlite" });
  await world.connected("luna");
  await sql`create trigger no_links before insert on consent_links begin select raise(abort, 'no'); end`.execute(
    world.mcp.db,
  );
  t.match(await lose(world, "luna"), { error: { code: "calendar_unavailable" } });
  t.match(await stateOf(world, "luna"), { status: "connected", link: { state: "used" } });
  await sql`drop trigger no_links`.execute(world.mcp.db);
  t.match(await lose(world, "luna"), { error: { code: "reconnect_required" } });
  const { reconnect_link } = await stateOf(world, "luna");
  t.equal((await world.consent(reconnect_link, { account: "other@example.com" })).status, 403);
  t.equal((await world.consent(reconnect_link)).status, 200);
});

t.test("a look at a lost connection reads its newest link once", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  await lose(world, "luna");
  const executor = world.mcp.db.getExecutor();
  const queries = t.capture(executor, "executeQuery", executor.executeQuery);
  t.match(await stateOf(world, "luna"), { reconnect_link: /connect/, link: { state: "live" } });
  const texts = queries().map(({ args: [query] }) => query.sql);
  t.equal(texts.filter((text) => text.includes('from "consent_links"')).length, 1);
});

/** Luna was connected with another account than the one its link was made for, and has lost that. */
async function loseAnitas(t: Test, world: World): Promise<void> {
  const { body } = await world.connect("luna", { any_account: true });
  t.equal((await world.consent(body.shareable_link, { account: "anita@example.com" })).status, 200);
  await world.sandbox("POST", "revoke", { email: "anita@example.com" });
  await world.call("luna", "get_available_slots", monday);
}

t.test(
  "connecting again takes the account that was connected, unless the admin says otherwise",
  async (t) => {
    const world = await createWorld(t);
    await loseAnitas(t, world);

    const { reconnect_link: link } = await stateOf(world, "luna");
    for (const account of ["mallory@example.com", "luna@example.com"]) {
      const page = await world.consent(link, { account });
      t.equal(page.status, 403);
      t.match(page.text, account);
      t.match(await stateOf(world, "luna"), {
        status: "reconnect_required",
        calendar_email: "anita@example.com",
        link: {
          state: "live",
          last_attempt: {
            outcome: "wrong_account",
            account_email: account,
            message: /is for anita@example\.com/,
          },
        },
      });
    }
    const { body: repeated } = await world.connect("luna");
    t.equal(repeated.shareable_link, link);
    t.equal(
      (await world.consent(link, { account: "luna@example.com" })).status,
      403,
      "what an admin's system sends every time says nothing new",
    );
    const { body: allowed } = await world.connect("luna", { any_account: true });
    t.equal(allowed.shareable_link, link, "what was already sent goes on working");
    t.equal((await world.consent(link, { account: "mallory@example.com" })).status, 200);
    t.match(await stateOf(world, "luna"), { status: "connected", calendar_email: "mallory@example.com" });
  },
);

t.test("another address, or none but this account, is what the admin may say of a link", async (t) => {
  const world = await createWorld(t);
  await loseAnitas(t, world);
  const { reconnect_link: link } = await stateOf(world, "luna");
  await world.connect("luna", { customer_email: "sol@example.com" });
  t.equal((await world.consent(link, { account: "anita@example.com" })).status, 403);
  t.equal((await world.consent(link, { account: "sol@example.com" })).status, 200);
  await world.api("DELETE", "/v1/customer-calendars/luna");
  const { body: anew } = await world.connect("luna");
  t.equal(
    (await world.consent(anew.shareable_link, { account: "anita@example.com" })).status,
    403,
    "that any account may consent isn't carried over to another link",
  );
});

t.test("the admin is told why a connection was probably lost", async (t) => {
  const world = await createWorld(t);
  const losses: [after: number, usedUntil: number, message: RegExp][] = [
    [7 * day, 7 * day - 3_600_000, /about 7 days after .* most likely .*"Testing"/],
    [20 * day, 3 * day, /about 7 days after .* most likely .*"Testing"/],
    [
      2 * day,
      2 * day - 3_600_000,
      /ended 2 days after it was given\. Most likely the business removed .*"Testing"/,
    ],
    [3_600_000, 0, /ended less than a day after/],
    [40 * day, 39 * day, /^The business removed the access in its Google account, or Google ended it/],
  ];
  for (const [at, [after, usedUntil, message]] of losses.entries()) {
    const customerId = `customer-${at}`;
    await world.connected(customerId);
    const consentedAt = world.clock.now;
    world.clock.now = consentedAt + usedUntil;
    t.notOk((await world.call(customerId, "get_available_slots", { date_iso: "2027-06-01" })).error);
    world.clock.now = consentedAt + after;
    await lose(world, customerId);
    const state = await stateOf(world, customerId);
    t.match(state.reconnect_message, message);
    const { body } = await world.api("GET", `/v1/customer-calendars/${customerId}/activity`);
    t.match(
      body.activity.find((one: { kind: string }) => one.kind === "reconnect_required").detail,
      { reason: "invalid_grant", message: state.reconnect_message },
      "the same stands in the activity",
    );
  }
});

t.test("a loss that is noticed while the admin disconnects leaves no link behind", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  await world.sandbox("POST", "revoke", { email: "luna@example.com" });
  await world.sandbox("DELETE", "calls");
  await world.sandbox("POST", "faults", { path: "/revoke", latency_ms: 400 });
  const disconnecting = world.api("DELETE", "/v1/customer-calendars/luna");
  await untilCalled(() => world.sandbox("GET", "calls"), "POST /revoke");
  t.match(await world.call("luna", "get_available_slots", monday), { error: { code: "reconnect_required" } });
  t.match(await disconnecting, { status: 200, body: { disconnected: true } });
  t.match(await stateOf(world, "luna"), { status: "disconnected", link: { state: "revoked" } });
  const { body } = await world.api("GET", "/v1/activity");
  t.match(
    body.activity.map((one: { kind: string }) => one.kind),
    ["disconnected", "link_revoked", "link_issued", "reconnect_required"],
  );
});

t.test("each change of a connection is one line of the log", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  await Promise.all([1, 2, 3].map(() => lose(world, "luna")));
  await world.consent((await stateOf(world, "luna")).reconnect_link);
  await world.api("DELETE", "/v1/customer-calendars/luna");
  const lines = world.log.map((line) => JSON.parse(line)).filter(({ msg }) => msg === "activity");
  t.strictSame(
    lines.map(({ kind }) => kind),
    ["link_issued", "connected", "reconnect_required", "link_issued", "connected", "disconnected"],
  );
  t.ok(lines.every((line) => line.customer_id === "luna"));
});
