import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { findLeaks, isStart } from "../support/allowed-secrets.ts";
import { createBrowser, type Page } from "../support/browser.ts";
import { consent, openCanaryServices, randomKey, sendBytes } from "../support/canary-services.ts";
import { comingMonday } from "../support/coming-monday.ts";
import type { RecordedAnswer } from "../support/recorded-answers.ts";

const services = await openCanaryServices(t);
const { ask, createLink, call, sandbox, addFault, clearFaults } = services;
const { both, calendarUrl, adminUrl, customersUrl, serviceKey, adminKey, secrets } = services;

const callbackOf = ({ visited }: Page) => visited.find((url) => url.includes("/oauth/callback")) ?? "";
const leaksOf = (answer: RecordedAnswer) => findLeaks(secrets, customersUrl, answer);
const rawAnswers: string[] = [];

const monday = comingMonday();
const slots = (customer: string) => call(customer, "get_available_slots", { date_iso: monday });
const at = (time: string) => `${monday}T${time}:00-05:00`;

t.test("businesses come, refuse, err and consent", async (t) => {
  const link = await createLink("luna");
  await sandbox("POST", "accounts", { email: "luna@example.com", time_zone: "America/Bogota", events: [] });
  for (const agent of ["WhatsApp/2.23", "Instagram 300.0"]) await createBrowser(agent).open(link);
  await fetch(link, { method: "HEAD" });
  await createBrowser().open(`${link}/google`);
  t.match(await consent(link, { action: "deny" }), { status: 403 });
  t.match(await consent(link, { account: "somebody@example.com" }), { status: 403 });
  t.match(await consent(link, { granted: [] }), { status: 403 });
  for (const [path, rest] of [
    ["/token", { status: 500, times: 1 }],
    ["/token", { status: 400, times: 1, body: { error: "invalid_grant" } }],
    ["/token", { times: 1, drop: "answer" }],
    ["/token", { times: 1, status: 200, body: "<html>not JSON" }],
  ] as const) {
    await addFault(path, rest);
    t.ok([400, 502].includes((await consent(link)).status), "the exchange failed");
  }
  await clearFaults();
  const done = await consent(link);
  t.equal(done.status, 200);
  const callback = callbackOf(done);
  for (const browser of [done.browser, createBrowser()]) t.equal((await browser.open(callback)).status, 400);
  const elsewhere = callback.replace(/state=[^&]*/, `state=${randomKey()}`);
  t.equal((await done.browser.open(elsewhere)).status, 400);
  t.equal((await createBrowser().open(link)).status, 410, "the link is used");
});

t.test("agents ask, book and move, while Google fails", async (t) => {
  t.match(await slots("luna"), "structuredContent");
  const booked = JSON.parse(await call("luna", "book", { start_iso: at("10:00"), attendee_name: "Ana" }));
  const { booking_id } = booked.result.structuredContent;
  await call("luna", "reschedule_booking", { booking_id, start_iso: at("11:00") });
  await call("luna", "list_bookings", {});
  for (const rest of [
    { status: 401, times: 2 },
    { status: 500, times: 3 },
    { status: 403, times: 1 },
    { status: 429, times: 1, headers: { "retry-after": "1" } },
    { drop: true, times: 3 },
    { status: 200, times: 1, body: "<html>" },
  ]) {
    await addFault("/calendar/v3/", rest);
    t.match(await call("luna", "book", { start_iso: at("12:00"), attendee_name: "Bea" }), "result");
    await clearFaults();
  }
  await call("luna", "cancel_booking", { booking_id });
});

t.test("agents get keys, use them for whom they may, and lose them", async (t) => {
  const keys = [`${customersUrl}/luna/agent-keys`, `${adminUrl}/v1/agent-keys`];
  for (const url of keys) {
    const made = await ask(url, { method: "POST", body: { name: "An agent" } });
    const { key, key_id } = JSON.parse(made.text);
    secrets.note("agent key", key);
    t.match(await call("luna", "get_business_info", {}, key), "structuredContent");
    await call("sol", "get_business_info", {}, key);
    await call("luna", "get_business_info", {}, `${key}x`);
    await ask(`${calendarUrl}/mcp?key=${key}`, { method: "POST", key: serviceKey, body: `{"key": "${key}` });
    t.equal((await ask(`${url}/${key}`, { method: "DELETE" })).status, 400);
    t.match(await ask(url), { status: 200, text: "last_characters" });
    t.equal((await ask(`${url}/${key_id}`, { method: "DELETE" })).status, 200);
    t.notMatch(await call("luna", "get_business_info", {}, key), "structuredContent");
  }
});

t.test("accesses are renewed, fail to be, and end", async (t) => {
  await consent(await createLink("sol"));
  for (const rest of [
    {},
    { status: 500, times: 3 },
    { status: 401, body: { error: "invalid_client" }, times: 2 },
  ]) {
    await sandbox("POST", "expire-access-tokens");
    if ("status" in rest) await addFault("/token", rest);
    await Promise.all(["luna", "sol"].map(slots));
    await clearFaults();
  }
  await sandbox("POST", "revoke", { email: "sol@example.com" });
  t.match(await slots("sol"), "reconnect_required");
  await consent(await createLink("sol"));
  await addFault("/revoke", { drop: true, times: 1 });
  for (const customer of ["luna", "sol"]) await ask(`${customersUrl}/${customer}`, { method: "DELETE" });
  t.match(await slots("luna"), /not_connected|reconnect_required/);
  await createLink("mar");
  await createLink("mar", { renew: true });
  for (const customer of ["luna", "sol"]) t.equal((await consent(await createLink(customer))).status, 200);
  t.match(await slots("luna"), "structuredContent");
});

t.test("keys and tokens come where they don't belong", async (t) => {
  const link = await createLink("mar");
  const token = new URL(link).pathname.split("/")[2] ?? "";
  for (const key of ["", "wrong-key-0123456789", serviceKey]) {
    t.equal((await ask(customersUrl, { key })).status, 401);
    await ask(`${adminUrl}/v1/nothing/${token}`, { key });
  }
  for (const query of [`key=${adminKey}`, `access_token=${serviceKey}&limit=x`, `cursor=${token}&limit=0`])
    await ask(`${customersUrl}?${query}`);
  for (const path of [
    `/connect/${token}/junk`,
    `/connect/${token}%`,
    `/connect/${token}%zz/google`,
    `//connect/${token}`,
    `/connect/${token}?key=${serviceKey}`,
    `/connect/${"x".repeat(300)}${token}`,
    `/oauth/authorize?key=${serviceKey}`,
    `/customers/${serviceKey}/nothing`,
    `/oauth/callback?code=${token}&state=${serviceKey}&error=${token}`,
    `/metrics?key=${serviceKey}`,
  ]) {
    const { status } = await ask(`${calendarUrl}${path}`, { key: serviceKey });
    t.ok(status < 500, `${status}`);
  }
  const authorize = `${calendarUrl}/oauth/authorize`;
  for (const body of [`{"customer_id": "${token}`, `{"renew": "${token}"}`, { any_account: token }, [token]])
    t.equal((await ask(authorize, { method: "POST", key: serviceKey, body })).status, 400);
  t.equal(
    (await ask(`${customersUrl}/mar/schedule`, { method: "PUT", body: { services: token } })).status,
    400,
  );
  for (const bytes of [
    `GET /connect/${token} HTTP/9.9\r\nAuthorization: Bearer ${serviceKey}\r\n\r\n`,
    `POST /mcp HTTP/1.1\r\nHost: localhost\r\nX-Key: ${serviceKey}\r\nContent-Length: ${token}\r\n\r\n`,
    `GET /connect/\0${token} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
  ])
    rawAnswers.push(await sendBytes(calendarUrl, bytes));
});

/** Answers that quote the request, wherever an answer can hold words. */
const quoting = [
  { status: 400, body: "<html>{{authorization}} {{body}} {{url}}</html>" },
  { status: 403, status_text: "{{authorization}}", body: "" },
  {
    status: 403,
    status_text: "no",
    body: { error: { code: 403, message: "I got {{authorization}} {{body}}" } },
  },
  { status: 403, body: { error: { code: "{{authorization}}", status: "{{body}}", message: "{{url}}" } } },
  { status: 500, body: { error: { errors: [{ reason: "{{authorization}}", message: "{{body}}" }] } } },
  {
    status: 400,
    body: { error: "{{authorization}}", error_description: "{{body}}", error_subtype: "{{body}}" },
  },
  { status: 401, headers: { "www-authenticate": "Bearer error={{authorization}}" }, body: "{{body}}" },
  { status: 302, headers: { location: "http://127.0.0.1:1/?{{authorization}}{{url}}" }, body: "{{body}}" },
  { status: 302, headers: { location: "{{authorization}}://{{url}}" }, body: "" },
  { status: 200, body: "{{authorization}} {{body}} isn't JSON" },
  { status: 200, headers: { "content-type": "application/json" }, body: '{"a": {{authorization}} {{body}}' },
  { status: 200, body: { error: "{{body}}", access_token: 7, items: "{{authorization}}" } },
  { status: 429, headers: { "retry-after": "{{authorization}}" }, body: "{{body}}" },
] as const;

t.test("upstreams quote what they were sent", async (t) => {
  const account = { email: "eco@example.com", time_zone: "America/Bogota", events: [] };
  await sandbox("POST", "accounts", account);
  const link = await createLink("eco");
  for (const answer of quoting) {
    await addFault("/token", { echo: true, ...answer });
    const page = await consent(link);
    t.ok(page.status >= 400, `an exchange: ${page.status}`);
    await clearFaults();
  }
  t.equal((await consent(link)).status, 200);
  const booked = JSON.parse(await call("eco", "book", { start_iso: at("09:00"), attendee_name: "Eco" }));
  const { booking_id } = booked.result.structuredContent;
  for (const answer of quoting) {
    await addFault("/calendar/v3/", { echo: true, ...answer });
    for (const [name, args] of [
      ["get_available_slots", { date_iso: monday }],
      ["book", { start_iso: at("15:00"), attendee_name: "Eco" }],
      ["reschedule_booking", { booking_id, start_iso: at("16:00") }],
    ] as const)
      t.match(await call("eco", name, args), '"isError":true', name);
    await clearFaults();
    await sandbox("POST", "expire-access-tokens");
    await addFault("/token", { echo: true, ...answer });
    t.match(await slots("eco"), '"isError":true', "a renewal");
    await clearFaults();
  }
  await addFault("/revoke", { echo: true, status: 400, body: { error: "{{body}}" } });
  await ask(`${customersUrl}/eco`, { method: "DELETE" });
  await clearFaults();
});

t.test("a kill, a rotation of keys, a backup, and one service without the other", async (t) => {
  await both.restartCalendar("SIGKILL", `${services.newerKey},${services.olderKey}`);
  t.match(await slots("luna"), "structuredContent");
  t.equal(await both.run("scripts/keys.ts", `${services.newerKey},${services.olderKey}`, "rotate"), 0);
  const [, backup, status] = await Promise.all([
    both.restartCalendar("SIGTERM", services.newerKey),
    both.run("scripts/backup.ts", services.newerKey, "backups"),
    both.run("scripts/keys.ts", services.olderKey, "status"),
  ]);
  t.strictSame({ backup, status }, { backup: 0, status: 1 });
  await createLink("mar");
  for (const path of ["", "/luna", "/mar", "/luna/bookings?status=all", "/luna/activity", "/luna/schedule"])
    t.equal((await ask(`${customersUrl}${path}`)).status, 200);
  t.match(await ask(`${adminUrl}/v1/activity?limit=200`), { status: 200, text: "reconnect_required" });
  t.match(await ask(`${calendarUrl}/metrics`, { key: serviceKey }), {
    status: 200,
    text: "cita_connections",
  });
  await both.stopCalendar();
  t.equal((await ask(`${customersUrl}/luna`)).status, 502);
  t.equal((await ask(`${adminUrl}/ready`)).status, 503);
});

t.test("the journey had secrets of every kind, and each would be found", async (t) => {
  const counts = secrets.counts();
  for (const [kind, fewest] of Object.entries({
    "access token": 6,
    "refresh token": 2,
    "id token": 4,
    "authorization code": 8,
    "PKCE verifier": 8,
    state: 10,
    "link token": 6,
    "agent key": 2,
    "client secret": 1,
    "service key": 1,
    "admin key": 1,
    "encryption key": 2,
  }))
    t.ok((counts[kind] ?? 0) >= fewest, `${kind}: ${counts[kind]}`);

  const planted = join(services.folder, "planted");
  mkdirSync(planted);
  const bytes = Buffer.from(`{"token":"${serviceKey}"}`);
  const disguises = {
    plain: bytes,
    cut: bytes.subarray(0, 30),
    base64: Buffer.from(bytes.toString("base64")),
    base64url: Buffer.from(Buffer.concat([Buffer.from("a"), bytes]).toString("base64url")),
    hex: Buffer.from(bytes.toString("hex")),
    encoded: Buffer.from(encodeURIComponent(services.olderKey)),
    reversed: Buffer.from([...serviceKey].reverse().join("")),
    binary: Buffer.concat([randomBytes(5_000), bytes, randomBytes(5_000)]),
  };
  for (const [name, content] of Object.entries(disguises)) writeFileSync(join(planted, name), content);
  const found = new Set(secrets.findInFiles(planted).map(({ place }) => place));
  for (const name of Object.keys(disguises)) t.ok(found.has(join(planted, name)), name);
  t.match(leaksOf({ method: "GET", url: new URL(customersUrl), status: 200, text: adminKey }), [
    { kind: "admin key" },
  ]);
  const started = services.ownAnswers().filter(isStart);
  t.ok(
    started.length > 8 && started.every(({ text }) => secrets.findIn("", text).length > 0),
    "as a state is",
  );
  for (const name of Object.keys(disguises)) writeFileSync(join(planted, name), "");
});

t.test("none of them stands in a log line, a file or an answer where it needn't", async (t) => {
  const ours = services.ownAnswers();
  t.ok(ours.length > 100, `${ours.length} answers`);
  t.ok(rawAnswers.every((text) => text.startsWith("HTTP/1.1 400")));
  const log = both.output();
  t.ok(log.split("\n").length > 300);
  t.strictSame(secrets.findIn("the log", log), []);
  t.strictSame(secrets.findIn("an answer to bytes", rawAnswers.join("\n")), []);
  t.strictSame(ours.flatMap(leaksOf), []);
  t.strictSame(secrets.findInFiles(services.folder), []);
});
