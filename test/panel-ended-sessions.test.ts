import { Agent, request } from "node:http";
import t from "tap";
import { decode } from "./support/panel-pages.ts";
import { addPerson, cookieOf, type Person, password, send, signInOwner } from "./support/people.ts";
import type { World } from "./support/world.ts";
import { forEachWorld } from "./support/world-engines.ts";

const headers = { "sec-fetch-site": "same-origin", "accept-language": "es" };

/** A form of a page that was opened before the session ended. */
const sendLate = (world: World, path: string, form: Record<string, string>) =>
  send(world.adminUrl, "POST", path, { headers, form: { csrf: "of a session that has ended", ...form } });

/** The values of a page's hidden fields. */
const hiddenFields = (page: string) =>
  Object.fromEntries(
    [...page.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)].map(
      ([, name = "", value = ""]) => [name, decode(value)],
    ),
  );

/** Signs in at the page that has answered the form. */
const signInAt = (world: World, page: Awaited<ReturnType<typeof send>>, email: string) =>
  send(world.adminUrl, "POST", "/login", {
    cookie: cookieOf(page.headers),
    headers,
    form: { ...hiddenFields(page.text), email, password },
  });

const newCustomer = (world: World, { cookie }: Person) =>
  send(world.adminUrl, "GET", "/clientes/nuevo", { cookie, headers });

forEachWorld(
  t,
  "a form that outlives its session goes back to the one who typed it",
  {},
  async (t, world) => {
    const ana = await addPerson(world, { email: "ana@example.com", role: "admin" });
    await addPerson(world, { email: "bea@example.com", role: "member" });
    const { sent_by = "" } = hiddenFields((await newCustomer(world, ana)).text);
    const typed = { sent_by, customer_name: "Barbería Luna", customer_email: "luna@example.com" };

    const page = await sendLate(world, "/clientes/nuevo", typed);
    t.equal(page.status, 401);
    t.match(decode(page.text), /con Google se pierde/);
    const asBea = await signInAt(world, page, "bea@example.com");
    t.match(asBea, { status: 303 }, "another person goes on without it");
    t.notMatch(decode(asBea.text), "Luna");
    const asAna = await signInAt(world, page, "ana@example.com");
    t.equal(asAna.status, 200);
    const fields = hiddenFields(asAna.text);
    t.match(fields, { customer_name: "Barbería Luna", customer_email: "luna@example.com" });
    const again = await send(world.adminUrl, "POST", "/clientes/nuevo", {
      cookie: cookieOf(asAna.headers),
      headers,
      form: fields,
    });
    t.equal(again.status, 303, "and is sent as it was");

    const long = await sendLate(world, "/clientes/nuevo", { ...typed, customer_name: "ñ".repeat(9_000) });
    t.equal((await signInAt(world, long, "ana@example.com")).status, 200, "a long one, too");
    const nobodys = await sendLate(world, "/clientes/nuevo", { ...typed, sent_by: "" });
    t.match(nobodys, { status: 303 });
  },
);

/** A new session of somebody, as in another tab of their browser. */
const signInAgain = async (world: World, email: string) =>
  cookieOf((await signInAt(world, await send(world.adminUrl, "GET", "/login", { headers }), email)).headers);

forEachWorld(
  t,
  "a form that outlives its session is given back to the person who has signed in elsewhere since",
  {},
  async (t, world) => {
    const ana = await addPerson(world, { email: "ana@example.com", role: "admin" });
    const bea = await addPerson(world, { email: "bea@example.com", role: "admin" });
    const opened = hiddenFields((await newCustomer(world, ana)).text);
    const typed = { ...opened, customer_name: "Barbería Luna", customer_email: "luna@example.com" };
    const cookie = await signInAgain(world, "ana@example.com");
    const post = (form: Record<string, string>, more: Record<string, string> = {}, by = cookie) =>
      send(world.adminUrl, "POST", "/clientes/nuevo", {
        ...{ cookie: by, headers: { ...headers, ...more }, form },
      });
    const count = async () => (await world.api("GET", "/v1/customer-calendars")).body.customers?.length ?? 0;

    const page = await post(typed);
    t.equal(page.status, 409);
    const fields = hiddenFields(page.text);
    t.match(fields, { customer_name: "Barbería Luna", customer_email: "luna@example.com" });
    const part = await post(typed, { "hx-request": "true" });
    t.equal(part.status, 409);
    t.equal(part.headers.get("x-csrf-token"), fields.csrf, "a script goes on, too");
    t.match(part.text, /repite/);
    for (const [name, refused] of [
      ["of another site", await post(typed, { "sec-fetch-site": "cross-site" })],
      ["of a neighbour", await post(typed, { "sec-fetch-site": "same-site" })],
      [
        "a script of another site",
        await post(typed, { "sec-fetch-site": "cross-site", "hx-request": "true" }),
      ],
      ["of another person", await post(typed, {}, bea.cookie)],
      ["of nobody", await post({ ...typed, sent_by: "" })],
      ["of no page", await post({ ...typed, csrf: "" })],
    ] as const) {
      t.equal(refused.status, 403, name);
      t.notMatch(decode(refused.text), "Luna", name);
      t.equal(refused.headers.get("x-csrf-token"), null, name);
    }
    t.equal(await count(), 0, "nothing is done before it is sent again");

    const next = await signInAgain(world, "ana@example.com");
    const later = await post(fields, {}, next);
    t.equal(later.status, 409, "nor once that session has ended as well");
    const sent = await post(hiddenFields(later.text), {}, next);
    t.equal(sent.status, 303);
    t.equal(await count(), 1);
  },
);

forEachWorld(t, "what would lose nothing, or holds a secret, isn't given back", {}, async (t, world) => {
  const ana = await addPerson(world, { email: "ana@example.com", role: "admin" });
  const opened = { csrf: ana.csrf, sent_by: ana.user.id };
  const cookie = await signInAgain(world, "ana@example.com");
  const post = (path: string, form: Record<string, string>) =>
    send(world.adminUrl, "POST", path, { cookie, headers, form: { ...opened, ...form } });
  t.equal((await post("/logout", {})).status, 403, "signing out");
  const account = await post("/cuenta/contrasena", { current_password: password, password: "other words" });
  t.equal(account.status, 403);
  t.notMatch(decode(account.text), /tres tristes|other words/);
});

forEachWorld(t, "no secret that was typed stands in the page for signing in", {}, async (t, world) => {
  const ana = await addPerson(world, { email: "ana@example.com", role: "admin" });
  const account = await send(world.adminUrl, "GET", "/cuenta", { cookie: ana.cookie, headers });
  const { sent_by = "" } = hiddenFields(account.text);
  t.equal(sent_by, ana.user.id);
  for (const path of [
    "/cuenta",
    "/cuenta/contrasena",
    "/cuenta/segundo-factor",
    "/cuenta/segundo-factor/confirmar",
  ]) {
    const answer = await sendLate(world, path, { sent_by, current_password: password, secret: "JBSWY3DP" });
    t.notMatch(decode(answer.text), /tres tristes|JBSWY3DP/, path);
  }
  const elsewhere = await sendLate(world, "/clientes/nuevo", {
    sent_by,
    customer_name: "Luna",
    code: "123456",
  });
  t.match(elsewhere.text, "Luna");
  t.notMatch(elsewhere.text, "123456");
});

/** Sends a form over the agent's connection. @returns the answer's status and headers. */
function sendBytes(agent: Agent, url: string, bytes: number) {
  const { promise, resolve, reject } = Promise.withResolvers<{ status?: number; connection?: string }>();
  const sent = request(url, {
    ...{ agent, method: bytes === 0 ? "GET" : "POST" },
    headers: { ...headers, "content-type": "application/x-www-form-urlencoded", "content-length": bytes },
  });
  sent.on("error", reject).on("response", (answer) => {
    const { statusCode: status, headers } = answer;
    answer
      .resume()
      .on("end", () => resolve({ ...(status && { status }), connection: headers.connection ?? "" }));
  });
  sent.end(Buffer.alloc(bytes, "a"));
  return promise;
}

forEachWorld(t, "a form that is too long to be kept doesn't block its connection", {}, async (t, world) => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  t.teardown(() => agent.destroy());
  const begun = performance.now();
  const form = await sendBytes(agent, `${world.adminUrl}/clientes/nuevo`, 300_000);
  t.match(form, { status: 303, connection: "keep-alive" });
  t.match(await sendBytes(agent, `${world.adminUrl}/login`, 0), { status: 200 });
  t.ok(performance.now() - begun < 5_000, "at once");
  // The connection may end before the answer is read.
  const huge = sendBytes(agent, `${world.adminUrl}/clientes/nuevo`, 3_000_000);
  t.match(await huge.catch(() => ({ connection: "close" })), { connection: "close" });
  t.match(await sendBytes(agent, `${world.adminUrl}/login`, 0), { status: 200 });
});

forEachWorld(t, "the owner of a business learns how to come in again", {}, async (t, world) => {
  await world.connected("luna");
  const { cookie } = await signInOwner(world, "luna");
  const path = "/clientes/luna";
  t.equal((await send(world.adminUrl, "GET", path, { cookie, headers })).status, 200);
  const ended = await send(world.adminUrl, "GET", path, { headers });
  t.match([ended.status, ended.headers.get("location")], [303, "/login?next=%2Fclientes%2Fluna"]);
  for (const [language, sentence] of [
    ["es", /manejar tu negocio, no tienes contraseña: pide un enlace nuevo/],
    ["en", /run your business, you have no password: ask whoever sent it for a new link/],
    ["pt", /cuidar do seu negócio, não tem senha: peça um link novo/],
  ] as const) {
    const page = await send(world.adminUrl, "GET", "/login", { headers: { "accept-language": language } });
    t.match(decode(page.text), sentence);
  }
});
