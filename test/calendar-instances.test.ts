import t, { type Test } from "tap";
import { bearer, callSlots, keysPath, makeKey } from "./support/agent-key-calls.ts";
import { createBrowser } from "./support/browser.ts";
import { createWorld, readToolResult } from "./support/world.ts";

const ten = "2027-01-18T10:00:00-05:00";
const monday = { date_iso: "2027-01-18" };
const anaAt = (start_iso: string) => ({ start_iso, attendee_name: "Ana" });

/** Two calendar services on one PostgreSQL, which cache what they do in production. admin-api calls the first. */
async function openPair(t: Test, variables: Record<string, string> = {}) {
  const first = await createWorld(t, { engine: "postgres", clockRuns: true, cacheSeconds: 2, variables });
  const second = await first.startAnother();
  const startsAt = async (instance: Pick<typeof second, "call">, customer: string) => {
    const { answer } = await instance.call(customer, "get_available_slots", monday);
    return answer.slots.map(({ start }: { start: string }) => start.slice(11, 16)) as string[];
  };
  return { first, second, startsAt };
}

t.test("what is changed at one instance holds at the other from the next call on", async (t) => {
  const { first, second, startsAt } = await openPair(t);
  await first.connected("luna");
  t.ok((await startsAt(second, "luna")).includes("10:00"));

  await first.call("luna", "book", anaAt(ten));
  t.notOk((await startsAt(second, "luna")).includes("10:00"), "a booking takes its time");
  t.match(await second.call("luna", "book", anaAt(ten)), { error: { code: "slot_taken" } });
  const listed = await second.call("luna", "list_bookings", {});
  const [{ booking_id }] = listed.answer.bookings;
  t.match(await second.call("luna", "cancel_booking", { booking_id }), { answer: { status: "cancelled" } });
  t.match(await first.call("luna", "book", anaAt(ten)), { answer: { status: "confirmed" } });

  const schedule = "/v1/customer-calendars/luna/schedule";
  const { body } = await first.api("GET", schedule);
  const weekly_hours = { monday: [{ start: "15:00", end: "17:00" }] };
  t.match(await first.api("PUT", schedule, { ...body, weekly_hours }), { status: 200 });
  const starts = await startsAt(second, "luna");
  t.ok(starts.length > 0);
  t.ok(
    starts.every((start) => start >= "15:00"),
    `other hours: ${starts}`,
  );

  await first.api("DELETE", "/v1/customer-calendars/luna");
  t.match(await second.call("luna", "get_available_slots", monday), { error: { code: "not_connected" } });
});

t.test("a key that is revoked at one instance opens nothing at the other", async (t) => {
  const { first, second } = await openPair(t, { MCP_HEADER_ONLY: "false" });
  await first.connected("luna");
  const { key, key_id } = await makeKey(first, "luna");
  const { status, body } = await second.rpc(callSlots, bearer(key));
  t.equal(status, 200);
  t.match(readToolResult(body.result), { answer: { slots: Array } });
  await first.api("DELETE", `${keysPath("luna")}/${key_id}`);
  t.equal((await second.rpc(callSlots, bearer(key))).status, 401);
});

t.test("a consent that is begun at one instance is ended at the other, once", async (t) => {
  const { first, second } = await openPair(t);
  const { body } = await first.connect("luna");
  const browser = createBrowser();
  const there = body.shareable_link.replace(first.mcpUrl, second.url);
  const page = await browser.submit(await browser.open(there));
  const done = await browser.submit(page, { action: "allow" });
  t.ok(done.url.startsWith(first.mcpUrl));
  t.equal(done.status, 200);
  t.match(await second.call("luna", "get_available_slots", monday), { answer: { slots: Array } });
  const callback = done.visited
    .find((url) => url.includes("/oauth/callback?"))
    ?.replace(first.mcpUrl, second.url);
  const again = await browser.open(callback ?? "");
  t.match(again.text, /state_invalid/);
  const { activity } = (await first.api("GET", "/v1/customer-calendars/luna/activity")).body;
  t.equal(activity.filter(({ kind }: { kind: string }) => kind === "connected").length, 1);
  t.equal((await createBrowser().open(there)).status, 410, "the link is used");
});

t.test("one idempotency key at both instances at once is one booking", async (t) => {
  const { first, second, startsAt } = await openPair(t);
  await first.connected("luna");
  const request = { ...anaAt(ten), idempotency_key: "k1" };
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? first : second).call("luna", "book", request)),
  );
  const ids = answers.flatMap(({ answer }) => answer?.booking_id ?? []);
  t.equal(new Set(ids).size, 1);
  for (const { error } of answers) if (error) t.equal(error.retryable, true);
  t.notOk((await startsAt(first, "luna")).includes("10:00"));
  const events = await first.readEvents("luna@example.com");
  t.equal(events.length, 1);
  const conflict = await second.call("luna", "book", {
    ...anaAt(ten),
    attendee_name: "Bea",
    idempotency_key: "k1",
  });
  t.match(conflict, { error: { code: "idempotency_conflict" } });
});
