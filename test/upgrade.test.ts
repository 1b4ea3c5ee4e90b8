import t from "tap";
import { createBrowser } from "./support/browser.ts";
import { copyGoogleState, earlier, restoreDatabases } from "./support/earlier-version.ts";
import { createWorld, type World } from "./support/world.ts";

const sunday = Date.parse("2027-01-17T23:00:00Z");

const world = await createWorld(t, {
  now: sunday,
  stored: {
    encryptionKey: earlier.encryptionKey,
    googleState: copyGoogleState(t),
    restore: restoreDatabases,
  },
});

t.test("customers and their states are as they were", async (t) => {
  const { body } = await world.api("GET", "/v1/customer-calendars");
  const states = body.customers.map((one: { customer_id: string; status: string }) => [
    one.customer_id,
    one.status,
  ]);
  t.strictSame(states, [
    ["luna", "connected"],
    ["mar", "pending"],
    ["rio", "reconnect_required"],
    ["sol", "connected"],
  ]);
});

t.test("appointments are found, with their persons, and can be moved and cancelled", async (t) => {
  const bookings = await bookingsOf(world, "luna");
  t.match(bookings, [
    {
      status: "confirmed",
      start: "2027-01-18T10:00:00-05:00",
      attendee_name: "Ana Pérez",
      attendee_phone: "+573001234567",
    },
    { status: "cancelled", start: "2027-01-18T11:00:00-05:00", attendee_name: "Beto" },
    {
      status: "confirmed",
      start: "2027-01-19T12:00:00-05:00",
      attendee_name: "Caro",
      attendee_email: "caro@example.org",
    },
  ]);
  const [first, , moved] = bookings;
  const found = await world.call("luna", "list_bookings", { attendee_phone: "57 300 1234567" });
  t.match(found.answer.bookings, [{ booking_id: first?.booking_id }]);
  const start = "2027-01-20T09:00:00-05:00";
  t.match(
    await world.call("luna", "reschedule_booking", { booking_id: moved?.booking_id, start_iso: start }),
    { answer: { start } },
  );
  t.match(await world.call("luna", "cancel_booking", { booking_id: first?.booking_id }), {
    answer: { status: "cancelled" },
  });
  const { events } = await world.sandbox("GET", "events?email=luna@example.com");
  const left = events.filter(({ status }: { status: string }) => status !== "cancelled");
  t.match(left, [{ start: { dateTime: /^2027-01-20T09:00:00/ } }]);
  t.equal(left.length, 1);
});

t.test("what was booked keeps its time, and its place in a class", async (t) => {
  const class9 = { service: "class", date_iso: "2027-01-18" };
  const { answer } = await world.call("sol", "get_available_slots", class9);
  t.match(answer.slots[0], { start: "2027-01-18T09:00:00-06:00" }, "two of three places are taken");
  const third = { service: "class", start_iso: "2027-01-18T09:00:00-06:00", attendee_name: "Flor" };
  t.match(await world.call("sol", "book", third), { answer: { status: "confirmed" } });
  t.match(await world.call("sol", "book", { ...third, attendee_name: "Gil" }), {
    error: { code: "slot_taken" },
  });
});

t.test("keys of agents go on opening what they opened, and nothing more", async (t) => {
  const info = (key: string, headers: Record<string, string> = {}) =>
    world.rpc(
      { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "get_business_info", arguments: {} } },
      { authorization: `Bearer ${key}`, ...headers },
    );
  t.match(await info(earlier.agentKey), { status: 200, body: { result: { structuredContent: Object } } });
  t.equal((await info(earlier.agentKey, { "x-customer-id": "sol" })).status, 403);
  t.match(await info(earlier.platformKey, { "x-customer-id": "sol" }), {
    status: 200,
    body: { result: { structuredContent: Object } },
  });
  const { body } = await world.api("GET", "/v1/customer-calendars/luna/agent-keys");
  t.match(body.agent_keys, [{ audience: "business" }, { audience: "business" }]);
});

t.test("activity tells what it told, with what is looked up now", async (t) => {
  const { body } = await world.api("GET", "/v1/customer-calendars/luna/activity?limit=200");
  const entries: { kind: string; detail: object }[] = body.activity;
  const empty = entries.filter(({ detail }) => Object.keys(detail).length === 0);
  t.strictSame(empty, []);
  const ofKind = (kind: string) => entries.findLast((entry) => entry.kind === kind)?.detail;
  t.match(ofKind("agent_key_created"), { key_id: 1, name: "WhatsApp bot", audience: "business" });
  t.match(ofKind("connected"), { link_id: 1, account_email: "luna@example.com" });
});

t.test("links that were sent go on working, and are sealed without a provider", async (t) => {
  const soon = await createWorld(t, {
    now: Date.parse("2026-12-01T12:00:00Z"),
    stored: {
      encryptionKey: earlier.encryptionKey,
      googleState: copyGoogleState(t),
      restore: restoreDatabases,
    },
  });
  const { body } = await soon.api("GET", "/v1/customer-calendars/mar");
  t.match(body, { status: "pending", provider: null, link: { state: "live", shareable_link: String } });
  const page = await createBrowser().open(body.link.shareable_link);
  t.match(page, { status: 200, text: /Continue to Google/ });
  const lost = await soon.api("GET", "/v1/customer-calendars/rio");
  t.match(lost.body, { status: "reconnect_required", provider: "google", reconnect_link: String });
  const tables = soon.mcp.db.withTables<{
    consent_links: { id: number; sealed_with_provider: number };
    oauth_tokens: Record<"connection_id" | "customer_id" | "updated_at" | "renew_at", string>;
  }>();
  const links = await tables.selectFrom("consent_links").select("sealed_with_provider").execute();
  t.strictSame(new Set(links.map((link) => link.sealed_with_provider)), new Set([0]));
  const connections = await tables.selectFrom("oauth_tokens").selectAll().execute();
  t.equal(new Set(connections.map((row) => row.connection_id)).size, 3);
  for (const { connection_id, updated_at, renew_at } of connections) {
    t.match(connection_id, /^[0-9a-f]{32}$/);
    t.equal(Date.parse(renew_at) - Date.parse(updated_at), 30 * 86_400_000);
  }
});

t.test("a second start over the same databases changes nothing", async (t) => {
  const before = await bookingsOf(world, "luna");
  await world.restart();
  t.strictSame(await bookingsOf(world, "luna"), before);
});

type ListedBooking = { booking_id: string; status: string };

async function bookingsOf({ api }: World, customer: string): Promise<ListedBooking[]> {
  const { body } = await api(
    "GET",
    `/v1/customer-calendars/${customer}/bookings?status=all&from=2027-01-01T00:00:00Z`,
  );
  return body.bookings;
}
