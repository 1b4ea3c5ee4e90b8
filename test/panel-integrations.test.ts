import t from "tap";
import {
  comeBack,
  connect,
  consent,
  integrationsOfLuna as ofLuna,
  openWithAdmin,
  wordsOf,
} from "./support/panel-integrations.ts";
import { decode, open, submit } from "./support/panel-pages.ts";
import { addPerson, send, signInOwner } from "./support/people.ts";
import { createWorld } from "./support/world.ts";

t.test("without an integration service the panel has no such pages", async (t) => {
  const world = await createWorld(t);
  await world.connect("luna");
  const admin = await addPerson(world, { email: "admin@example.com", role: "admin" });
  for (const path of ["/conexiones", "/conexiones/vuelta", ofLuna])
    t.equal((await open(world, admin, path)).status, 404, path);
  for (const path of ["/", "/clientes/luna"])
    t.notMatch((await open(world, admin, path)).text, "conexiones", path);
});

t.test("a list says of each account whose it is, how it is, and how long", async (t) => {
  const { world, integrations, admin } = await openWithAdmin(t);
  const { services } = integrations;
  const of = (organizationId: string, account: string) => ({ organizationId, account });
  const ids = {
    connected: await connect(integrations, "instagram", of("luna", "ana@example.com")),
    lost: await connect(integrations, "gmail", of("luna", "bea@example.com")),
    problem: await connect(integrations, "hubspot", of("luna", "caro@example.com")),
    paused: await connect(integrations, "mailchimp", of("luna", "dora@example.com")),
    disconnected: await connect(integrations, "slack", of("luna", "eva@example.com")),
    others: await connect(integrations, "stripe", of("sol", "sol@example.com")),
  };
  const access = await services.integrations.findAccess(ids.lost);
  if (access === undefined) throw new Error("it has no access");
  await services.integrations.requireReconnect(access, { reason: "invalid_grant", message: "It is gone." });
  const obstacle = { obstacle: "unreachable", reason: "503", message: "HubSpot doesn't answer." } as const;
  await services.integrations.recordError(ids.problem, obstacle);
  await integrations.api("PATCH", `/integrations/${ids.paused}`, { isActive: false });
  await integrations.api("DELETE", `/integrations/${ids.disconnected}`);

  const page = await open(world, admin, ofLuna);
  t.equal(page.status, 200);
  const row = (id: string) =>
    wordsOf(page.text.slice(page.text.indexOf(`<tr id="${id}">`)).split("</tr>")[0] ?? "");
  for (const [state, texts] of Object.entries({
    connected: ["Instagram Ana", "Conectada", "Se renueva solo", "Pausar", "Desconectar", "Registro"],
    lost: [
      /Gmail .*bea@example\.com/,
      "Necesita permiso",
      "Gmail terminó el permiso",
      "Ya no hay acceso",
      "Reconectar",
    ],
    problem: ["Con un problema", "HubSpot no responde como debe", "Se renueva solo", "Pausar"],
    paused: ["En pausa", "No vence", "Reanudar"],
    disconnected: ["Desconectada", "Ya no hay acceso", "Reconectar"],
  }))
    for (const text of texts) t.match(row(ids[state as keyof typeof ids]), text, state);
  t.notMatch(row(ids.disconnected), "Desconectar ", "what is over can't be ended");
  for (const absent of [ids.others, "sol@example.com", "It is gone."]) t.notMatch(page.text, absent);
  t.match((await open(world, admin, "/clientes/sol/conexiones")).text, ids.others);
  for (const [language, text] of [
    ["en", "HubSpot doesn’t answer as it should"],
    ["pt", "HubSpot não responde como deve"],
  ] as const) {
    const { text: said } = await send(world.adminUrl, "GET", ofLuna, {
      cookie: `${admin.cookie}; cita_language=${language}`,
    });
    t.match(wordsOf(said), text);
  }
});

t.test("each role sees and changes what it may, and nobody another customer's", async (t) => {
  const { world, integrations, admin } = await openWithAdmin(t);
  const id = await connect(integrations, "instagram", { organizationId: "luna" });
  const others = await connect(integrations, "slack", { organizationId: "sol" });
  const of = { customer_ids: ["luna"] };
  const member = await addPerson(world, { email: "member@example.com", role: "member", ...of });
  const viewer = await addPerson(world, { email: "viewer@example.com", role: "viewer", ...of });
  const owner = await signInOwner(world, "luna");

  for (const [name, person, mayChange] of [
    ["admin", admin, true],
    ["member", member, true],
    ["owner", owner, true],
    ["viewer", viewer, false],
  ] as const) {
    const list = await open(world, person, ofLuna);
    t.equal(list.status, 200, name);
    t.match(list.text, id, name);
    t.equal(/name="provider"/.test(list.text), mayChange, `${name}: connecting`);
    t.equal(/>Pausar</.test(list.text), mayChange, `${name}: changing`);
    t.equal(/_CLIENT_ID/.test(list.text), false, "all are configured");
    const one = await open(world, person, `${ofLuna}/${id}`);
    t.equal(one.status, 200, name);
    t.equal(/id="desconectar"/.test(one.text), mayChange, name);
    const renamed = await submit(world, person, `${ofLuna}/${id}`, { name: `By ${name}` });
    t.equal(renamed.status, mayChange ? 303 : 403, name);
    for (const path of [`${ofLuna}/${others}`, `${ofLuna}/${others}/reconectar`, `${ofLuna}/x`]) {
      const asked = path.endsWith("r") ? submit(world, person, path) : open(world, person, path);
      t.equal((await asked).status, mayChange || !path.endsWith("r") ? 404 : 403, `${name}: ${path}`);
    }
    const elsewhere = name === "admin" ? 200 : 404;
    t.equal((await open(world, person, "/clientes/sol/conexiones")).status, elsewhere, name);
  }
  t.equal((await open(world, owner, "/conexiones")).status, 403);
  t.equal((await submit(world, viewer, "/conexiones", { provider: "INSTAGRAM" })).status, 403);
  const own = await connect(integrations, "instagram", { userId: admin.user.id });
  t.equal((await open(world, admin, `/conexiones/${own}`)).status, 200);
  t.equal((await open(world, member, `/conexiones/${own}`)).status, 404);
  t.equal((await open(world, admin, `/conexiones/${id}`)).status, 404, "a customer's isn't one's own");
  t.equal((await open(world, admin, `${ofLuna}/${own}`)).status, 404);

  const page = wordsOf((await open(world, admin, `${ofLuna}/${id}`)).text);
  t.match(page, /By owner.*Instagram.*Se renueva solo.*Permisos/);
});

t.test("an integration is paused, renamed, connected again and disconnected", async (t) => {
  const worlds = await openWithAdmin(t);
  const { world, integrations, admin } = worlds;
  const account = { organizationId: "luna", account: "ana@example.com" };
  const id = await connect(integrations, "gmail", account);
  const path = `${ofLuna}/${id}`;
  const read = async () => (await integrations.api("GET", `/integrations/${id}`)).body.data;

  t.equal((await submit(world, admin, `${path}/pausa`, { active: "no" })).status, 303);
  t.match(await read(), { isActive: false, isConnected: true });
  t.equal((await submit(world, admin, `${path}/pausa`, { active: "yes" })).status, 303);
  t.match(await read(), { isActive: true });

  t.equal((await submit(world, admin, path, { name: "  Correo de Ana  " })).status, 303);
  t.match(await read(), { name: "Correo de Ana" });
  for (const name of ["", "x".repeat(201)]) {
    const refused = await submit(world, admin, path, { name });
    t.match(refused, { status: 422, text: /aria-invalid="true"/ });
    if (name !== "") t.ok(refused.text.includes(name), "what was typed is still there");
  }

  for (let i = 0; i < 25; i++) {
    const log = await integrations.services.syncLogs.begin({
      ...{ integrationId: id, action: i === 0 ? "probe" : "renew_token", resourceType: "account" },
    });
    await integrations.services.syncLogs.finish(log, { status: "FAILED", error: `Failure ${i}.` });
    integrations.clock.now += 1_000;
  }
  const first = await open(world, admin, path);
  t.match(wordsOf(first.text), /Renovar el acceso Falló Failure 24\./);
  const [, older = ""] = /href="([^"]*)#registro">Anteriores/.exec(first.text) ?? [];
  t.match(wordsOf((await open(world, admin, decode(older))).text), /Failure 0\..*Volver a lo último/);

  const again = await consent(integrations, "gmail", await submit(world, admin, `${path}/reconectar`), {
    account: "bea@example.com",
  });
  await integrations.services.integrations.recordError(id, {
    ...{ obstacle: "refused", reason: "403", message: "It is refused." },
  });
  const returned = (await comeBack(worlds, admin, again)).headers.get("location") ?? "";
  t.match(returned, `&en_vez_de=${id}`);
  t.match(wordsOf((await open(world, admin, returned)).text), "Diste permiso con otra cuenta");

  const sibling = await connect(integrations, "youtube", account);
  const page = await open(world, admin, path);
  t.match(page.text, /name="revoke" value="all"/);
  const shared = await submit(world, admin, `${path}/desconectar`);
  t.equal(shared.headers.get("location"), `${ofLuna}?desconectada=${id}&acceso=shared`);
  const told = await open(world, admin, shared.headers.get("location") ?? "");
  t.match(wordsOf(told.text), "lo usan otras conexiones de la misma cuenta");
  t.match(told.text, "https://myaccount.google.com/permissions");
  const all = await submit(world, admin, `${ofLuna}/${sibling}/desconectar`, { revoke: "all" });
  t.match(all.headers.get("location"), "acceso=revoked");
  const nothing = await submit(world, admin, `${ofLuna}/${sibling}/desconectar`);
  t.match(nothing.headers.get("location"), "acceso=nothing");
});

t.test("what nobody's page sends, and what can't be begun, is answered in a sentence", async (t) => {
  const { world, integrations, admin } = await openWithAdmin(t);
  const member = await addPerson(world, { email: "m@example.com", role: "member", customer_ids: ["luna"] });
  const id = await connect(integrations, "instagram", { organizationId: "luna" });
  const bodies: [path: string, form: Record<string, string>, status: number][] = [
    [ofLuna, {}, 400],
    [ofLuna, { provider: "x".repeat(41) }, 400],
    [ofLuna, { provider: "../x" }, 400],
    [ofLuna, { provider: "NOBODY" }, 409],
    [`${ofLuna}/${id}/pausa`, { active: "perhaps" }, 400],
    [`${ofLuna}/${id}/desconectar`, { revoke: "some" }, 400],
    [`${ofLuna}/not-an-id/pausa`, { active: "no" }, 404],
    [`${ofLuna}/0b6a5c0e-1111-4222-8333-444455556666`, { name: "x" }, 404],
  ];
  for (const [path, form, status] of bodies)
    t.equal((await submit(world, admin, path, form)).status, status, `${path} ${JSON.stringify(form)}`);
  t.match((await submit(world, admin, ofLuna, { provider: "NOBODY" })).text, /no está configurado/);

  await integrations.restart({
    ALLOWED_REDIRECT_URIS: "https://app.example/",
    HUBSPOT_CLIENT_ID: "",
    HUBSPOT_CLIENT_SECRET: "",
  });
  const forAdmin = await submit(world, admin, ofLuna, { provider: "INSTAGRAM" });
  t.equal(forAdmin.status, 409);
  t.match(forAdmin.text, `agrega ${world.adminUrl}/conexiones/vuelta a ALLOWED_REDIRECT_URIS`);
  t.match(wordsOf(forAdmin.text), /Sin configurar \(1\).*HubSpot HUBSPOT_CLIENT_ID ?, HUBSPOT_CLIENT_SECRET/);
  const forMember = await submit(world, member, ofLuna, { provider: "INSTAGRAM" });
  t.match(forMember.text, /le falta un ajuste/);
  t.notMatch(forMember.text, /ALLOWED_REDIRECT_URIS|HUBSPOT_CLIENT_ID/);
});

t.test("while the integration service is away the page says so, and the panel goes on", async (t) => {
  const { world, integrations, admin } = await openWithAdmin(t);
  const id = await connect(integrations, "instagram", { organizationId: "luna" });
  await integrations.stop();
  for (const path of [ofLuna, `${ofLuna}/${id}`, "/conexiones"]) {
    const page = await open(world, admin, path);
    t.equal(page.status, 503, path);
    t.match(page.text, "El servicio de integraciones no responde", path);
    t.match(page.text, 'aria-current="page"', "with its frame");
  }
  const begun = await submit(world, admin, ofLuna, { provider: "INSTAGRAM" });
  t.match(begun, { status: 503, text: /El servicio de integraciones no responde/ });
  const returned = await open(world, admin, `/conexiones/vuelta?integrationId=${id}&state=x`);
  t.match(returned, { status: 503, text: /Probar de nuevo/ });
  for (const path of ["/clientes/luna", "/clientes/luna/agentes", "/"])
    t.equal((await open(world, admin, path)).status, 200, path);
});
