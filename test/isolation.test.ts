import t from "tap";
import { interleavings } from "./support/crossed-calls.ts";
import { googleProvider } from "./support/google-provider.ts";
import { adminKey, createWorld, serviceKey } from "./support/world.ts";

t.test("two customers' calls interleaved never see each other's calendar", async (t) => {
  const world = await createWorld(t);
  const busy = (hour: number) => ({
    summary: "Ocupado",
    start: `2027-01-18T${String(hour).padStart(2, "0")}:00:00`,
    end: `2027-01-18T${String(hour + 1).padStart(2, "0")}:00:00`,
  });
  await world.connected("luna", { events: [busy(9)] });
  await world.connected("sol", { events: [busy(14)] });

  const lists = await Promise.all(
    Array.from({ length: 60 }, async (_, i) => {
      const customer = i % 2 === 0 ? "luna" : "sol";
      const { answer } = await world.call(customer, "get_available_slots", { date_iso: "2027-01-18" });
      return [customer, answer.slots.map((slot: { start: string }) => slot.start.slice(11, 16))] as const;
    }),
  );
  for (const [customer, starts] of lists) {
    t.equal(starts.includes("09:00"), customer === "sol", `${customer} at 9`);
    t.equal(starts.includes("14:00"), customer === "luna", `${customer} at 14`);
  }

  const booked = await Promise.all(
    ["luna", "sol"].map((customer) =>
      world.call(customer, "book", {
        start_iso: "2027-01-18T11:00:00-05:00",
        attendee_name: `For ${customer}`,
      }),
    ),
  );
  t.match(booked, [{ answer: { status: "confirmed" } }, { answer: { status: "confirmed" } }]);
  for (const customer of ["luna", "sol"]) {
    const { events } = await world.sandbox("GET", `events?email=${customer}@example.com`);
    const names = events.map((event: { summary: string }) => event.summary);
    t.strictSame(names.sort(), [`For ${customer} · Cita`, "Ocupado"]);
  }
});

// Thousands of calls: test/proofs/interleaved-calls.test.ts.
for (const [whose, findCrossed] of Object.entries(interleavings)) {
  t.test(`${whose}, 300 of them interleaved, never cross`, async (t) => {
    const { crossed, overlapped } = await findCrossed(t, 300, googleProvider);
    t.strictSame(crossed, []);
    t.ok(overlapped > 270, `${overlapped} began while others were under way`);
  });
}

t.test(
  "a row copied onto another customer's id can't be used, and the other customers are unharmed",
  async (t) => {
    const world = await createWorld(t);
    await world.connected("luna");
    await world.connected("sol");
    const tables = world.mcp.db.withTables<{ oauth_tokens: Record<string, string> }>();
    const tokens = await tables
      .selectFrom("oauth_tokens")
      .select(["access_token", "refresh_token"])
      .where("customer_id", "=", "luna")
      .executeTakeFirstOrThrow();
    await tables.updateTable("oauth_tokens").set(tokens).where("customer_id", "=", "sol").execute();
    t.match(await world.call("sol", "get_available_slots", { date_iso: "2027-01-18" }), {
      error: { code: "calendar_unavailable" },
    });
    t.match(await world.call("luna", "get_available_slots", { date_iso: "2027-01-18" }), {
      answer: { truncated: false },
    });
  },
);

t.test("ten agents booking one slot at once: one confirmed, nine slot_taken, one event", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  const results = await Promise.all(
    Array.from({ length: 10 }, (_, i) =>
      world.call("luna", "book", { start_iso: "2027-01-18T10:00:00-05:00", attendee_name: `Agent ${i}` }),
    ),
  );
  t.equal(results.filter(({ answer }) => answer?.status === "confirmed").length, 1);
  t.equal(results.filter(({ error }) => error?.code === "slot_taken").length, 9);
  const { events } = await world.sandbox("GET", "events?email=luna@example.com");
  t.equal(events.length, 1);
});

t.test("no secret is in the log", async (t) => {
  const world = await createWorld(t);
  const { body } = await world.connect("luna");
  const page = await world.consent(body.shareable_link);
  await world.call("luna", "book", { start_iso: "2027-01-18T10:00:00-05:00", attendee_name: "Ana" });
  await world.sandbox("POST", "revoke", { email: "luna@example.com" });
  await world.call("luna", "get_available_slots", { date_iso: "2027-01-18" });
  await fetch(`${page.url}&again`);

  const callback = new URL(page.url).searchParams;
  const linkToken = new URL(body.shareable_link).pathname.split("/").at(-1) ?? "";
  const secrets = [
    linkToken,
    callback.get("code"),
    callback.get("state"),
    "ya29.",
    "1//",
    adminKey,
    serviceKey,
    "gAAAA",
  ];
  for (const secret of secrets) {
    if (secret === null) throw new Error("the callback carried no code or state");
    t.notOk(world.log.join("").includes(secret), "not in the log");
  }
  t.ok(world.log.length > 10);
});
