import t from "tap";
import { createTraveller } from "./support/account-consent.ts";
import { weighPage } from "./support/page-weight.ts";
import {
  comeBack,
  connect,
  consent,
  integrationsOfLuna as ofLuna,
  openWithAdmin,
  wordsOf,
} from "./support/panel-integrations.ts";
import { open, submit } from "./support/panel-pages.ts";
import { addPerson, type Person } from "./support/people.ts";

t.test("an account is connected, and the panel says which", async (t) => {
  const worlds = await openWithAdmin(t);
  const { world, integrations, admin } = worlds;
  const begin = (path: string, provider: string) => submit(world, admin, path, { provider });

  const empty = await open(world, admin, ofLuna);
  t.match(wordsOf(empty.text), /Todavía no hay ninguna cuenta conectada.*Redes sociales.*Instagram.*Tiendas/);
  const leaving = await begin(ofLuna, "SHOPIFY");
  t.match(leaving, { status: 200, text: /Seguir a Shopify/ });
  t.equal(leaving.headers.get("cache-control"), "no-store");
  t.match(leaving.headers.getSetCookie()[0], /Path=\/conexiones\/vuelta; HttpOnly; SameSite=Lax/);
  const back = await consent(integrations, "shopify", leaving);
  t.ok(leaving.text.includes(`href="${back.url}"`), "the same by a link");
  const returned = await comeBack(worlds, admin, back);
  t.equal(returned.status, 303);
  t.match(returned.headers.get("location"), /^\/clientes\/luna\/conexiones\?conectada=[\w-]{36}$/);
  const list = await open(world, admin, returned.headers.get("location") ?? "");
  t.match(wordsOf(list.text), /Shopify quedó conectado con esta cuenta: Ana/);

  const own = await comeBack(
    worlds,
    admin,
    await consent(integrations, "instagram", await begin("/conexiones", "INSTAGRAM")),
  );
  t.match(own.headers.get("location"), /^\/conexiones\?conectada=/);
  const { body } = await integrations.api("GET", `/integrations/user/${admin.user.id}`);
  t.match(
    body.data.map((one: { organizationId: string | null }) => one.organizationId).toSorted(),
    ["luna", null].toSorted(),
  );
  t.match(wordsOf((await open(world, admin, "/conexiones")).text), "Instagram");
  t.notMatch(
    (await open(world, admin, "/conexiones")).text,
    "luna.myshopify",
    "a customer's isn't among them",
  );

  const denied = await consent(integrations, "instagram", await begin(ofLuna, "INSTAGRAM"), {
    action: "deny",
  });
  const after = await comeBack(worlds, admin, denied);
  t.equal(after.headers.get("location"), `${ofLuna}?fallo=OAUTH_FAILED`);
  t.match(wordsOf((await open(world, admin, `${ofLuna}?fallo=OAUTH_FAILED`)).text), "No se conectó nada");
});

t.test("a link that somebody else has made says nothing that isn't so", async (t) => {
  const worlds = await openWithAdmin(t);
  const { world, integrations, admin } = worlds;
  const member = await addPerson(world, { email: "m@example.com", role: "member", customer_ids: ["luna"] });
  const id = await connect(integrations, "instagram", { organizationId: "sol" });
  const go = async (person: Person, query: string) =>
    (await comeBack(worlds, person, { path: `/conexiones/vuelta?${query}`, cookies: [] })).headers.get(
      "location",
    );
  const nobody = "0b6a5c0e-1111-4222-8333-444455556666";
  t.equal(await go(admin, `success=true&integrationId=${nobody}&state=x`), "/conexiones?fallo=other");
  t.equal(
    await go(admin, "success=false&error=<b>&message=<script>alert(1)</script>"),
    "/conexiones?fallo=other",
  );
  t.equal(await go(admin, "state=a&state=b&integrationId=x"), "/conexiones?fallo=other");
  t.equal(await go(member, `success=true&integrationId=${id}&state=x`), "/conexiones?fallo=other");
  t.equal(await go(admin, `success=true&integrationId=${id}`), `/clientes/sol/conexiones?conectada=${id}`);

  await integrations.api("DELETE", `/integrations/${id}`);
  for (const path of [`/clientes/sol/conexiones?conectada=${id}`, `${ofLuna}?conectada=${id}`])
    t.notMatch((await open(world, admin, path)).text, "quedó conectado", "it isn't connected, or not here");
  t.notMatch(
    (await open(world, admin, `${ofLuna}?desconectada=${id}&acceso=revoked`)).text,
    "quedó retirado",
  );
  const wrong = await open(world, admin, `${ofLuna}?fallo=%3Cb%3E&conectada=x&acceso=x&desconectada=1`);
  t.match(wrong, { status: 200, text: /No se sabe qué pasó/ });
  t.notMatch(wrong.text, "<b>");
  t.equal((await open(world, admin, `${ofLuna}?desde=nonsense`)).status, 400);
});

t.test("the first view of a full list weighs less than 60 kB", async (t) => {
  const { world, integrations, admin } = await openWithAdmin(t);
  for (let i = 0; i < 16; i++)
    await connect(integrations, "hubspot", { organizationId: "luna", account: `account-${i}@example.com` });
  const { text } = await open(world, admin, ofLuna);
  t.equal(text.match(/<tr id=/g)?.length, 15, "the rest is on the next page");
  const bytes = await weighPage(world, admin, ofLuna);
  t.ok(bytes < 60_000, `${bytes} bytes`);
});

t.test("connecting again leads to where the account is", async (t) => {
  const { world, integrations, admin } = await openWithAdmin(t);
  const organizationId = "luna";
  const salesforce = await connect(integrations, "salesforce", {
    ...{ organizationId, metadata: { login_host: "test.salesforce.com" } },
  });
  const shopify = await connect(integrations, "shopify", { organizationId });
  const leads = async (id: string, to: string) => {
    const { headers } = await submit(world, admin, `${ofLuna}/${id}/reconectar`);
    const [, url = ""] = /^0; url=(.+)$/.exec(headers.get("refresh") ?? "") ?? [];
    const { status, location } = await createTraveller().go(url);
    t.match({ status, location }, { status: 303, location: to });
  };
  await leads(salesforce, "/test.salesforce.com/");
  await leads(shopify, "/luna.myshopify.com/");
});

t.test("only a return address that isn't allowed is said to be one", async (t) => {
  const { world, integrations, admin } = await openWithAdmin(t);
  const id = await connect(integrations, "instagram", { organizationId: "luna" });
  await integrations.restart({ ALLOWED_REDIRECT_URIS: "https://app.example/callback" });
  const refused = await submit(world, admin, `${ofLuna}/${id}/reconectar`);
  t.match(refused, { status: 409, text: /ALLOWED_REDIRECT_URIS/ });
});
