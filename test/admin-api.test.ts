import t from "tap";
import { adminKey, createWorld, serviceKey } from "./support/world.ts";

t.test("connect checks its body whole and says which field is wrong", async (t) => {
  const world = await createWorld(t);
  const bad = [
    [{ customer_id: "no spaces" }, /customer_id/],
    [{ customer_id: ".." }, /customer_id/],
    [{ customer_id: "x".repeat(65) }, /customer_id/],
    [{ customer_email: "not an address" }, /customer_email/],
    [{ customer_name: "  " }, /customer_name/],
    [{ customer_name: "x".repeat(201) }, /customer_name/],
    [{ customer_phone: "300 123 4567" }, /customer_phone.*country code, such as \+57 300 123 4567/],
    [{ customer_phone: 573001234567 }, /customer_phone/],
    [{ surprise: 1 }, /surprise/],
    [{ renew: "yes" }, /renew/],
  ] as const;
  for (const [fields, message] of bad) {
    const { status, body } = await world.connect("luna", fields);
    t.equal(status, 400);
    t.match(body, { statusCode: 400, code: "invalid_request", error: "Bad Request", message });
  }
  t.match((await world.api("GET", "/v1/customer-calendars")).body, { customers: [], next_cursor: null });
});

t.test(
  "a customer's phone is stored in one spelling, shown, kept when it is left out, and removed",
  async (t) => {
    const world = await createWorld(t);
    const shown = async () => {
      const [one, list] = await Promise.all(
        ["/luna", "?q=luna"].map((path) => world.api("GET", `/v1/customer-calendars${path}`)),
      );
      t.equal(one?.body.customer_phone, list?.body.customers[0].customer_phone);
      return one?.body.customer_phone;
    };
    t.match((await world.connect("luna")).body, { customer_phone: null });
    for (const spelled of ["+57 300 123-4567", "573001234567", "whatsapp:+573001234567"]) {
      t.match((await world.connect("luna", { customer_phone: spelled })).body, {
        customer_phone: "+573001234567",
      });
      t.equal(await shown(), "+573001234567");
      t.match((await world.connect("luna")).body, { customer_phone: "+573001234567" });
      t.match((await world.connect("luna", { customer_phone: null })).body, { customer_phone: null });
      t.equal(await shown(), null);
    }
  },
);

t.test("bodies that are not JSON, too large, or of another kind are refused with a code", async (t) => {
  const world = await createWorld(t);
  const send = async (url: string, key: string, contentType: string, body: string) => {
    const headers = { authorization: `Bearer ${key}`, "content-type": contentType };
    const response = await fetch(url, { method: "POST", headers, body });
    return { status: response.status, body: JSON.parse(await response.text()) };
  };
  const doors = [
    [`${world.adminUrl}/v1/customer-calendars/connect`, adminKey],
    [`${world.mcpUrl}/oauth/authorize`, serviceKey],
  ] as const;
  for (const [url, key] of doors) {
    t.match(await send(url, key, "application/json", "{"), { status: 400, body: { code: "invalid_json" } });
    t.match(await send(url, key, "application/json", ""), { status: 400, body: { code: "invalid_json" } });
    t.match(await send(url, key, "application/json", "[]"), {
      status: 400,
      body: { code: "invalid_request" },
    });
    t.match(await send(url, key, "application/json", `"${"x".repeat(100_000)}"`), {
      status: 413,
      body: { code: "body_too_large" },
    });
    t.match(await send(url, key, "text/csv", "a,b"), {
      status: 415,
      body: { code: "unsupported_media_type" },
    });
  }
});

t.test("without the right key nothing is told, and a key in the query counts for nothing", async (t) => {
  const world = await createWorld(t);
  for (const key of ["", "wrong", `${adminKey}x`, adminKey.slice(1), serviceKey]) {
    t.match(await world.api("GET", "/v1/customer-calendars", undefined, key), {
      status: 401,
      body: { statusCode: 401, code: "unauthorized" },
    });
  }
  t.equal((await fetch(`${world.adminUrl}/v1/customer-calendars?key=${adminKey}`)).status, 401);
  t.equal((await fetch(`${world.mcpUrl}/oauth/authorize`, { method: "POST" })).status, 401);
  t.equal((await fetch(`${world.mcpUrl}/customers/luna/connection`, { method: "DELETE" })).status, 401);
});

t.test("an unknown customer and an unknown path are 404 with a code, and no URL is repeated", async (t) => {
  const world = await createWorld(t);
  for (const method of ["GET", "DELETE"]) {
    t.match(await world.api(method, "/v1/customer-calendars/nobody"), {
      status: 404,
      body: { code: "unknown_customer" },
    });
  }
  const lost = await world.api("GET", "/v1/secret-in-the-path");
  t.match(lost, { status: 404, body: { code: "not_found" } });
  t.notMatch(JSON.stringify([lost.body, world.log]), "secret-in-the-path");
});

t.test("customers are listed in pages with their state", async (t) => {
  const world = await createWorld(t);
  for (const id of ["ana", "bea", "cid", "dan", "eva"]) await world.connect(id);
  await world.connected("cid");
  const seen: string[] = [];
  let cursor = "";
  do {
    const { body } = await world.api("GET", `/v1/customer-calendars?limit=2${cursor && `&cursor=${cursor}`}`);
    seen.push(
      ...body.customers.map((c: { customer_id: string; status: string }) => `${c.customer_id} ${c.status}`),
    );
    cursor = body.next_cursor;
  } while (cursor !== null);
  t.strictSame(seen, ["ana pending", "bea pending", "cid connected", "dan pending", "eva pending"]);
  t.match(await world.api("GET", "/v1/customer-calendars?limit=0"), {
    status: 400,
    body: { code: "invalid_request" },
  });
});

t.test("disconnecting revokes at Google, deletes the tokens, and can be repeated", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  await world.sandbox("DELETE", "calls");
  const { status, body } = await world.api("DELETE", "/v1/customer-calendars/luna");
  t.equal(status, 200);
  t.match(body, { calendar_connected: false, disconnected: true, revoked_at_provider: true, note: null });
  t.match(await world.sandbox("GET", "calls"), { by: { "POST /revoke": 1 } });
  t.match((await world.api("GET", "/v1/customer-calendars/luna")).body, {
    status: "disconnected",
    calendar_email: null,
  });
  t.match(await world.call("luna", "get_available_slots", { date_iso: "2027-01-18" }), {
    error: { code: "not_connected" },
  });
  t.match((await world.api("DELETE", "/v1/customer-calendars/luna")).body, { disconnected: false });

  const { body: anew } = await world.connect("luna");
  t.match(await world.consent(anew.shareable_link), { status: 200 });
});

t.test("disconnecting works whatever Google answers, and says where it wasn't revoked", async (t) => {
  const world = await createWorld(t, { requestTimeoutMs: 300 });
  const unconfirmed = {
    down: { status: 503 },
    error: { status: 200, body: { error: "internal_failure" } },
    page: { status: 200, body: "<html>Sign in to the network</html>" },
  };
  for (const [customer, answer] of Object.entries(unconfirmed)) {
    await world.connected(customer);
    await world.sandbox("POST", "faults", { path: "/revoke", times: 1, ...answer });
    t.match((await world.api("DELETE", `/v1/customer-calendars/${customer}`)).body, {
      disconnected: true,
      revoked_at_provider: false,
      note: /myaccount\.google\.com/,
    });
    t.match((await world.api("GET", `/v1/customer-calendars/${customer}`)).body, { status: "disconnected" });
  }
});

t.test("two customers with one Google account: disconnecting one leaves the other connected", async (t) => {
  const world = await createWorld(t);
  for (const id of ["luna", "sol"]) {
    const { body } = await world.connect(id, { customer_email: "owner@example.com" });
    await world.consent(body.shareable_link);
  }
  t.match((await world.api("DELETE", "/v1/customer-calendars/luna")).body, {
    disconnected: true,
    revoked_at_provider: false,
    note: /another customer/,
  });
  t.match(await world.call("sol", "get_available_slots", { date_iso: "2027-01-18" }), {
    answer: { slots: [] },
  });
  t.match((await world.api("DELETE", "/v1/customer-calendars/sol")).body, { revoked_at_provider: true });
});

t.test("with the calendar service down an admin learns just that, and repeating later works", async (t) => {
  const world = await createWorld(t);
  await world.stopMcpCalendar();
  t.match(await world.connect("luna"), { status: 502, body: { code: "calendar_service_unavailable" } });
  const ready = await fetch(`${world.adminUrl}/ready`);
  t.match(
    { status: ready.status, body: JSON.parse(await ready.text()) },
    { status: 503, body: { code: "not_ready" } },
  );
  t.equal((await fetch(`${world.adminUrl}/health`)).status, 200);
  await world.restart();
  t.match(await world.connect("luna"), { status: 200 });
  t.equal((await fetch(`${world.adminUrl}/ready`)).status, 200);
});

t.test("the OpenAPI document names every route, its key and examples", async (t) => {
  const world = await createWorld(t);
  const document = JSON.parse(await (await fetch(`${world.adminUrl}/docs/json`)).text());
  t.strictSame(Object.keys(document.paths).sort(), [
    "/api/auth/forgot-password",
    "/api/auth/link",
    "/api/auth/login",
    "/api/auth/logout",
    "/api/auth/me",
    "/api/auth/profile",
    "/api/auth/refresh",
    "/api/auth/register",
    "/api/auth/reset-password",
    "/api/auth/tickets",
    "/api/auth/totp",
    "/v1/activity",
    "/v1/agent-keys",
    "/v1/agent-keys/{key_id}",
    "/v1/customer-calendars",
    "/v1/customer-calendars/connect",
    "/v1/customer-calendars/{customer_id}",
    "/v1/customer-calendars/{customer_id}/activity",
    "/v1/customer-calendars/{customer_id}/agenda",
    "/v1/customer-calendars/{customer_id}/agent-keys",
    "/v1/customer-calendars/{customer_id}/agent-keys/{key_id}",
    "/v1/customer-calendars/{customer_id}/attendees/erase",
    "/v1/customer-calendars/{customer_id}/attendees/export",
    "/v1/customer-calendars/{customer_id}/bookings",
    "/v1/customer-calendars/{customer_id}/bookings/{booking_id}",
    "/v1/customer-calendars/{customer_id}/bookings/{booking_id}/cancel",
    "/v1/customer-calendars/{customer_id}/bookings/{booking_id}/reschedule",
    "/v1/customer-calendars/{customer_id}/owner-link",
    "/v1/customer-calendars/{customer_id}/schedule",
    "/v1/customer-calendars/{customer_id}/schedule/preview",
    "/v1/customers/{customer_id}",
    "/v1/people-activity",
    "/v1/users",
    "/v1/users/{user_id}",
    "/v1/users/{user_id}/links",
  ]);
  const connect = document.paths["/v1/customer-calendars/connect"].post;
  t.match(connect, { security: [{ adminKey: [] }], responses: { 200: {}, 400: {}, 401: {}, 502: {} } });
  t.equal(
    connect.requestBody.content["application/json"].schema.properties.customer_id.example,
    "barberia-luna",
  );
  t.equal((await fetch(`${world.adminUrl}/docs`)).status, 200);
});
