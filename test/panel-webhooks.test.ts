import t from "tap";
import { weighPage } from "./support/page-weight.ts";
import { connect, integrationsOfLuna, wordsOf } from "./support/panel-integrations.ts";
import { decode, open, submit } from "./support/panel-pages.ts";
import { webhooksOfLuna as ofLuna, openWithWebhooks } from "./support/panel-webhooks.ts";
import { addPerson, send, signInOwner } from "./support/people.ts";
import { answerWith, openReceiver, until, verify } from "./support/webhook-receiver.ts";

/** The secret that a page shows. */
const secretOf = (text: string) => decode(/value="(whsec_[^"]+)"/.exec(text)?.[1] ?? "");
const idOf = (text: string) => /<tr id="([0-9a-f-]{36})">/.exec(text)?.[1] ?? "";

t.test("a webhook is made, and its secret shown once and nowhere else", async (t) => {
  const { world, integrations, admin } = await openWithWebhooks(t);
  const receiver = await openReceiver(t);
  const connections = await open(world, admin, integrationsOfLuna);
  t.match(connections.text, `href="${ofLuna}"`, "the way there");
  t.match(wordsOf((await open(world, admin, ofLuna)).text), "Todavía no se avisa a ningún sistema");

  const made = await submit(world, admin, ofLuna, {
    url: `${receiver.url}?token=hidden`,
    events: "booking.*",
  });
  t.equal(made.status, 201);
  t.equal(made.headers.get("cache-control"), "no-store");
  const secret = secretOf(made.text);
  t.match(secret, /^whsec_[A-Za-z0-9+/]{43}=$/);
  t.match(made.text, 'data-copy="#webhook-secret"');
  integrations.secrets.note("webhook secret", secret);
  const path = `${ofLuna}/${idOf(made.text)}`;
  const row = wordsOf(made.text);
  t.match(row, `127.0.0.1:${receiver.port}/hook`);
  t.match(row, /Activo.*booking\.\*.*Todavía no.*Pausar/);

  const rotated = await submit(world, admin, `${path}/secreto`);
  const after = secretOf(rotated.text);
  t.match(rotated, { status: 200, text: "El anterior sigue firmando" });
  t.equal(rotated.headers.get("cache-control"), "no-store");
  t.match(after, /^whsec_/);
  t.not(after, secret);
  integrations.secrets.note("webhook secret", after);
  for (const shown of [ofLuna, path]) {
    const { text } = await open(world, admin, shown);
    t.notMatch(text, /whsec_\w/, shown);
    t.strictSame(integrations.secrets.findIn(shown, text), []);
  }
});

t.test("what can't be told is answered in the viewer's language, and what was typed stays", async (t) => {
  const { world, hooks, admin } = await openWithWebhooks(t);
  for (const url of [
    "",
    "nonsense",
    "https://user:pw@example.com/x",
    "ftp://example.com/",
    "x".repeat(3_000),
  ]) {
    const refused = await submit(world, admin, ofLuna, { url, events: "*" });
    t.match(refused, { status: 422, text: /aria-invalid="true"/ }, url.slice(0, 40));
    t.match(refused.text, "A esa dirección no se puede avisar", url.slice(0, 40));
    if (url.length < 100) t.ok(decode(refused.text).includes(`value="${url}"`), "what was typed");
  }
  for (const [language, text] of [
    ["en", "That address can’t be sent to"],
    ["pt", "Não dá para avisar esse endereço"],
  ]) {
    const said = await send(world.adminUrl, "POST", ofLuna, {
      cookie: `${admin.cookie}; cita_language=${language}`,
      form: { csrf: admin.csrf, url: "nonsense", events: "*" },
      headers: { "sec-fetch-site": "same-origin" },
    });
    t.match(wordsOf(said.text), text);
  }
  const url = "https://example.com/hook";
  t.match(await submit(world, admin, ofLuna, { url }), { status: 422, text: "Elige al menos una cosa" });
  t.match(await submit(world, admin, ofLuna, { url, events: "nothing.such" }), { status: 422 });
  for (let i = 0; i < 50; i++) await hooks.addWebhook(`${url}/${"x".repeat(2_000)}`);
  t.match(await submit(world, admin, ofLuna, { url, events: "*" }), {
    status: 409,
    text: "Ya hay 50 avisos",
  });
  const first = await open(world, admin, ofLuna);
  const bytes = await weighPage(world, admin, ofLuna);
  t.ok(bytes < 60_000, `${bytes} bytes`);
  const [, more = ""] = /href="([^"]*)">Ver más avisos/.exec(first.text) ?? [];
  t.not(idOf((await open(world, admin, decode(more))).text), idOf(first.text));
});

t.test("it is changed, paused, resumed and deleted", async (t) => {
  const { world, hooks, admin } = await openWithWebhooks(t);
  const { id } = await hooks.addWebhook("https://example.com/hook", { events: ["booking.created"] });
  const path = `${ofLuna}/${id}`;
  const form = (text: string) => text.slice(text.indexOf("<summary>Cambiar</summary>"));
  const shown = form((await open(world, admin, path)).text);
  t.match(shown, /value="booking\.created" checked/);
  t.notMatch(shown, /value="\*" checked/);

  const changed = await submit(world, admin, path, {
    url: "https://example.com/other",
    events: "calendar.lost",
  });
  t.equal(changed.headers.get("location"), `${path}?hecho=guardado`);
  t.match(await hooks.webhook(id), { url: "https://example.com/other", events: ["calendar.lost"] });
  const refused = await submit(world, admin, path, { url: "nonsense", events: "calendar.lost" });
  t.match(refused, { status: 422, text: /<details class="card" open>/ });
  t.match(await hooks.webhook(id), { url: "https://example.com/other" });

  t.equal((await submit(world, admin, `${path}/pausa`, { active: "no" })).status, 303);
  t.match(await hooks.webhook(id), { isActive: false });
  const paused = await open(world, admin, path);
  t.match(wordsOf(paused.text), "En pausa");
  t.notMatch(paused.text, `${path}/probar`, "what is paused isn't tested");
  for (const [end, fields] of [
    ["probar", {}],
    ["repetir", { since: "2027-01-18T00:00" }],
  ] as const) {
    const { headers } = await submit(world, admin, `${path}/${end}`, fields);
    t.match(headers.get("location"), "fallo=inactive");
  }
  t.match((await open(world, admin, `${path}?fallo=inactive`)).text, "Este aviso no está activo");
  await submit(world, admin, `${path}/pausa`, { active: "yes" });
  t.match(await hooks.webhook(id), { isActive: true });

  const deleted = await submit(world, admin, `${path}/eliminar`);
  t.equal(deleted.headers.get("location"), `${ofLuna}?hecho=eliminado`);
  t.equal((await open(world, admin, path)).status, 404);
});

t.test("a test says what came of it, and what was sent is read and repeated", async (t) => {
  const { world, integrations, hooks, admin } = await openWithWebhooks(t);
  const receiver = await openReceiver(t, answerWith(200, {}, "<b>thanks</b>"));
  const { id, secret } = await hooks.addWebhook(receiver.url);
  const path = `${ofLuna}/${id}`;
  const tested = await submit(world, admin, `${path}/probar`);
  const delivery = tested.headers.get("location") ?? "";
  t.match(delivery, new RegExp(`^${path}/envios/[0-9a-f-]{36}$`));
  const page = await open(world, admin, delivery);
  t.match(page.text, "&#60;b&#62;thanks", "an answer is text");
  const said = decode(wordsOf(page.text));
  for (const text of ["Un envío de prueba", "Entregado", "webhook.test", "Código 200", '"webhookId"'])
    t.match(said, text);
  const [received] = receiver.received;
  if (received === undefined) throw new Error("nothing was received");
  verify(secret, received);
  t.match(said, received.id);

  t.equal((await submit(world, admin, `${delivery}/repetir`)).headers.get("location"), delivery);
  const [, again] = await receiver.got(2);
  t.equal(again?.id, received.id, "under the same id");

  receiver.answer(answerWith(500, {}, "broken"));
  const failed = (await submit(world, admin, `${path}/probar`)).headers.get("location") ?? "";
  const retried = wordsOf((await open(world, admin, failed)).text);
  t.match(
    retried,
    /Respondió 500, y solo de 200 a 299.*sigue en camino.*Se reintenta.*Próximo intento.*broken/,
  );
  t.match(wordsOf((await open(world, admin, path)).text), /Ningún envío llega desde.*Con fallos/);

  receiver.answer(answerWith(410));
  await submit(world, admin, `${path}/probar`);
  await until("it is disabled", 10_000, async () => (await hooks.webhook(id)).isActive === false);
  const disabled = await open(world, admin, path);
  t.match(wordsOf(disabled.text), /Se desactivó solo.*The receiver answered 410.*Desactivado/);
  t.match(wordsOf((await open(world, admin, ofLuna)).text), /Desactivado.*Reanudar/);

  receiver.answer(answerWith(204));
  await submit(world, admin, `${path}/pausa`, { active: "yes" });
  const before = receiver.received.length;
  await connect(integrations, "instagram", { organizationId: "luna" });
  await receiver.got(before + 1);
  const at = new Date(integrations.clock.now).toISOString().slice(0, 16);
  const replayed = await submit(world, admin, `${path}/repetir`, { since: at, zone: "UTC" });
  t.match(replayed.headers.get("location"), /\?repetidos=\d+#envios$/);
  await receiver.got(before + 2);
  t.match(receiver.received.at(-1)?.headers["webhook-id"], receiver.received[before]?.id);
  const nonsense = await submit(world, admin, `${path}/repetir`, { since: "yesterday", zone: "UTC" });
  t.match(nonsense.headers.get("location"), "fallo=since");
});

t.test("deliveries come in pages, newest first", async (t) => {
  const { world, hooks, admin, integrations } = await openWithWebhooks(t);
  const answer = '"'.repeat(1_000);
  const receiver = await openReceiver(t, answerWith(200, {}, answer));
  const { id } = await hooks.addWebhook(receiver.url);
  for (let i = 0; i < 17; i++) {
    integrations.clock.now += 1_000;
    await integrations.api("POST", `/integrations/webhooks/${id}/test`);
  }
  const all = await hooks.settled(id, 17, ["DELIVERED"]);
  const first = await open(world, admin, `${ofLuna}/${id}`);
  const order = [...first.text.matchAll(/envios\/([0-9a-f-]{36})"/g)].map(([, one]) => one);
  t.strictSame(
    order,
    all.slice(0, 15).map((one) => one.id),
  );
  const [, older = ""] = /href="([^"]*)#envios">Anteriores/.exec(first.text) ?? [];
  const second = await open(world, admin, decode(older));
  t.match(second.text, all.at(-1)?.id);
  t.match(second.text, "Volver a lo último");
  for (const path of [`${ofLuna}/${id}`, `${ofLuna}/${id}/envios/${all[0]?.id}`]) {
    const bytes = await weighPage(world, admin, path);
    t.ok(bytes < 60_000, `${bytes} bytes`);
  }
});

t.test("each role sees and changes what it may, and nobody another customer's", async (t) => {
  const { world, integrations, hooks, admin } = await openWithWebhooks(t);
  const receiver = await openReceiver(t);
  const { id } = await hooks.addWebhook(receiver.url);
  const { id: others } = await hooks.addWebhook(receiver.url, { organizationId: "sol" });
  for (const one of [id, others]) await integrations.api("POST", `/integrations/webhooks/${one}/test`);
  const [[ofUs], [ofOthers]] = [await hooks.settled(id, 1), await hooks.settled(others, 1)];
  const of = { customer_ids: ["luna"] };
  const member = await addPerson(world, { email: "member@example.com", role: "member", ...of });
  const viewer = await addPerson(world, { email: "viewer@example.com", role: "viewer", ...of });
  const owner = await signInOwner(world, "luna");
  const path = `${ofLuna}/${id}`;
  for (const [name, person, mayChange] of [
    ["admin", admin, true],
    ["member", member, true],
    ["owner", owner, true],
    ["viewer", viewer, false],
  ] as const) {
    const list = await open(world, person, ofLuna);
    t.match(list, { status: 200, text: id }, name);
    t.equal(/id="crear"/.test(list.text), mayChange, name);
    const one = await open(world, person, path);
    t.equal(one.status, 200, name);
    t.equal(/method="post" action="[^"]*\/avisos/.test(one.text), mayChange, name);
    t.match(one.text, "hmac.compare_digest", "whoever reads may copy the verification");
    const delivery = await open(world, person, `${path}/envios/${ofUs?.id}`);
    t.equal(delivery.status, 200, name);
    t.equal(/envios\/[0-9a-f-]+\/repetir/.test(delivery.text), mayChange, name);
    const pause = await submit(world, person, `${path}/pausa`, { active: "yes" });
    t.equal(pause.status, mayChange ? 303 : 403, name);
    for (const end of ["secreto", "probar", "repetir", "eliminar", `envios/${ofUs?.id}/repetir`])
      if (!mayChange) t.equal((await submit(world, person, `${path}/${end}`)).status, 403, end);
    for (const foreign of [
      `${ofLuna}/${others}`,
      `${ofLuna}/${others}/envios/${ofOthers?.id}`,
      `${path}/envios/${ofOthers?.id}`,
      `${ofLuna}/x`,
      `${path}/envios/x`,
    ])
      t.equal((await open(world, person, foreign)).status, 404, `${name}: ${foreign}`);
    for (const end of ["", "/pausa", "/secreto", "/probar", "/repetir", "/eliminar"]) {
      const fields = { url: "https://example.com/", events: "*", active: "no" };
      const { status } = await submit(world, person, `${ofLuna}/${others}${end}`, fields);
      t.equal(status, mayChange ? 404 : 403, `${name}: ${end}`);
    }
    const elsewhere = name === "admin" ? 200 : 404;
    t.equal((await open(world, person, "/clientes/sol/conexiones/avisos")).status, elsewhere, name);
  }
  t.match(await hooks.webhook(others, "organizationId=sol"), { isActive: true });
  const repeated = await submit(world, member, `${path}/envios/${ofOthers?.id}/repetir`);
  t.equal(repeated.status, 404);
});

t.test("an integration of one's own has webhooks of its own", async (t) => {
  const { world, integrations, admin } = await openWithWebhooks(t);
  const member = await addPerson(world, { email: "member@example.com", role: "member", customer_ids: [] });
  const own = await connect(integrations, "instagram", { userId: admin.user.id });
  const path = `/conexiones/${own}/avisos`;
  t.match((await open(world, admin, `/conexiones/${own}`)).text, `href="${path}"`);
  const page = await open(world, admin, path);
  t.match(page.text, 'value="integration.error"');
  t.notMatch(page.text, "booking.created", "it is told of that integration alone");
  const made = await submit(world, admin, path, { url: "https://example.com/hook", events: "integration.*" });
  t.equal(made.status, 201);
  integrations.secrets.note("webhook secret", secretOf(made.text));
  const one = `${path}/${idOf(made.text)}`;
  t.equal((await open(world, admin, one)).status, 200);
  for (const asked of [path, one]) t.equal((await open(world, member, asked)).status, 404);
  t.equal((await open(world, admin, `${ofLuna}/${idOf(made.text)}`)).status, 404, "it isn't the customer's");
});

t.test("while the integration service is away the pages say so", async (t) => {
  const { world, integrations, hooks, admin } = await openWithWebhooks(t);
  const { id } = await hooks.addWebhook("https://example.com/hook");
  await integrations.stop();
  for (const path of [ofLuna, `${ofLuna}/${id}`, `${ofLuna}/${id}/envios/${id}`]) {
    const page = await open(world, admin, path);
    t.match(page, { status: 503, text: "El servicio de integraciones no responde" }, path);
    t.match(page.text, 'aria-current="page"', "with its frame");
  }
  for (const end of ["", "/pausa", "/secreto", "/probar", "/eliminar"]) {
    const fields = { url: "https://example.com/", events: "*", active: "no" };
    t.equal((await submit(world, admin, `${ofLuna}/${id}${end}`, fields)).status, 503, end);
  }
  t.equal((await submit(world, admin, ofLuna, { url: "https://example.com/", events: "*" })).status, 503);
});
