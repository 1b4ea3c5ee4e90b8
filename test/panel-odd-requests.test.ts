import { connect } from "node:net";
import t from "tap";
import { open, submit } from "./support/panel-pages.ts";
import { addPerson, send } from "./support/people.ts";
import type { World } from "./support/world.ts";
import { forEachWorld } from "./support/world-engines.ts";

/** Sends a path as it is written. `fetch` would resolve its dot segments. */
async function sendRaw(world: World, head: string, body = ""): Promise<string> {
  const { hostname, port, host } = new URL(world.adminUrl);
  const socket = connect(Number(port), hostname);
  socket.write(
    `${head}\r\nhost: ${host}\r\nconnection: close\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
  let answer = "";
  for await (const chunk of socket) answer += chunk;
  return answer.split("\r\n")[0] ?? "";
}

forEachWorld(t, "where there is nobody and nothing yet, pages say so", {}, async (t, world) => {
  const admin = await addPerson(world, { email: "admin@example.com", role: "admin" });
  for (const path of ["/", "/clientes", "/actividad", "/personas", "/cuenta"])
    t.equal((await open(world, admin, path)).status, 200, path);
  const form = { email: "new@example.com", name: "New", role: "admin", customers: "" };
  t.match(await submit(world, admin, "/personas", form), { status: 200, text: "/invitacion/" });
  const { body } = await world.api("GET", "/v1/users?q=new@");
  const changed = await submit(world, admin, `/personas/${body.users[0].id}`, {
    role: "viewer",
    customers: "",
  });
  t.equal(changed.status, 303);
});

forEachWorld(t, "a character that isn't stored is refused wherever it comes", {}, async (t, world) => {
  const admin = await addPerson(world, { email: "admin@example.com", role: "admin" });
  const member = await addPerson(world, { email: "member@example.com", role: "member" });
  const queries = ["/clientes?q=%00", "/clientes?cursor=%00", "/personas?q=%00", "/personas?after=%00"];
  for (const path of queries) t.equal((await open(world, admin, path)).status, 400, path);
  for (const path of ["/personas/%00", "/clientes/%00"])
    for (const person of [admin, member]) t.match((await open(world, person, path)).status, /403|404/, path);
  t.equal((await submit(world, admin, "/cuenta", { name: "x\0y" })).status, 400);
  const form = { email: "a\0b", password: "x" };
  t.match((await send(world.adminUrl, "POST", "/login", { form })).status, /400|403/);
  t.equal((await world.api("GET", "/v1/users?cursor=AA")).status, 400);
});

forEachWorld(t, "a dot segment is no customer's id", {}, async (t, world) => {
  const admin = await addPerson(world, { email: "admin@example.com", role: "admin" });
  const signedIn = `cookie: ${admin.cookie}\r\nsec-fetch-site: same-origin`;
  const form = `csrf=${encodeURIComponent(admin.csrf)}&name=k&audience=business`;
  const type = "content-type: application/x-www-form-urlencoded";
  for (const id of ["%2e%2e", "%2E", ".%2e"]) {
    const head = `POST /clientes/${id}/agentes HTTP/1.1\r\n${signedIn}\r\n${type}`;
    t.match(await sendRaw(world, head, form), " 404 ", id);
  }
  const ofBooking = `GET /clientes/luna/citas/%2e%2e HTTP/1.1\r\n${signedIn}`;
  t.match(await sendRaw(world, ofBooking), " 404 ");
  t.strictSame((await world.api("GET", "/v1/agent-keys")).body.agent_keys, []);
});

forEachWorld(t, "activity says by what somebody has signed in", {}, async (t, world) => {
  const ana = await addPerson(world, { email: "ana@example.com", role: "admin" });
  const { body } = await world.api("POST", `/v1/users/${ana.user.id}/links`, { kind: "sign_in" });
  const path = new URL(body.url).pathname;
  const page = await send(world.adminUrl, "GET", path);
  const [, csrf = ""] = /name="csrf" value="([^"]+)"/.exec(page.text) ?? [];
  const [cookie = ""] = page.headers.getSetCookie().map((one) => one.split(";")[0] ?? "");
  const headers = { "sec-fetch-site": "same-origin" };
  t.equal((await send(world.adminUrl, "POST", path, { form: { csrf }, cookie, headers })).status, 303);
  const { body: told } = await world.api("GET", "/v1/people-activity?limit=1");
  t.match(told.activity[0], { kind: "signed_in", detail: { by: "link" } });
});
