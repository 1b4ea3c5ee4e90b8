import t from "tap";
import { addPerson, send } from "./support/people.ts";
import type { World } from "./support/world.ts";
import { forEachWorld } from "./support/world-engines.ts";

async function signIn(world: World) {
  const { cookie, csrf } = await addPerson(world, { email: "admin@example.com", role: "admin" });
  const headers = { "sec-fetch-site": "same-origin", "accept-language": "es" };
  return {
    /** As a browser sends a form with a file. */
    async upload(csv: string) {
      const form = new FormData();
      form.set("csrf", csrf);
      form.set("file", new File([csv], "clientes.csv", { type: "text/csv" }));
      const url = `${world.adminUrl}/clientes/importar`;
      const answer = await fetch(url, { method: "POST", headers: { ...headers, cookie }, body: form });
      return { status: answer.status, text: await answer.text() };
    },
    links: (csv: string) =>
      send(world.adminUrl, "POST", "/clientes/importar/enlaces", { cookie, headers, form: { csrf, csv } }),
  };
}

forEachWorld(t, "each row's problem is named, and nothing is imported", {}, async (t, world) => {
  const { upload } = await signIn(world);
  const rows = ["Luna;malo;123;x y", "Sol;sol@example.com;;sol", "Otra;otra@example.com;;sol"];
  const { status, text } = await upload(`\ufeffNombre;Correo;Teléfono;ID\r\n${rows.join("\r\n")}\r\n`);
  t.equal(status, 422);
  t.match(text, /2 filas con problemas/);
  for (const problem of [/correo completo/, /código de país/, /letras sin acento/, /repetido en el archivo/])
    t.match(text, problem);
  t.match((await world.api("GET", "/v1/customer-calendars")).body, { customers: { length: 0 } });
});

forEachWorld(t, "what isn't a list of customers is said in a sentence", {}, async (t, world) => {
  const { upload } = await signIn(world);
  for (const [csv, sentence] of [
    ["", /Elige un archivo/],
    ["nombre,correo\n", /no tiene filas/],
    ["a,b\n1,2\n", /Faltan columnas/],
    ['nombre,correo\n"Luna,x@example.com\n', /no parece un archivo CSV/],
    [`nombre,correo\n${"Luna,luna@example.com\n".repeat(10_001)}`, /más de 10\.000 filas/],
    [`nombre,correo\n${"x".repeat(5 * 1024 * 1024)}`, /más de 5 MB/],
  ] as const) {
    const { status, text } = await upload(csv);
    t.equal(status, 422);
    t.match(text, sentence);
  }
});

forEachWorld(
  t,
  "a file of links comes back, of which a spreadsheet computes nothing",
  {},
  async (t, world) => {
    const { upload, links } = await signIn(world);
    const csv =
      "nombre,correo,id\nBarbería Luna,luna@example.com,luna\nSol;=1+1,sol@example.com,sol\n=2+2,mar@example.com,mar\n";
    const read = await upload(csv);
    t.equal(read.status, 200);
    t.match(read.text, /3 clientes listos/);
    const answer = await links(csv);
    t.equal(answer.status, 200);
    t.match(answer.headers.get("content-disposition"), /attachment; filename="enlaces\.csv"/);
    const [header, luna, sol, mar] = answer.text.split("\r\n");
    t.match(header, /"nombre","correo","telefono","id","enlace","caduca","problema"/);
    t.match(
      luna,
      /^"Barbería Luna","luna@example\.com","","luna","http:[^"]+\/connect\/[\w-]{43}","[^"]+",""$/,
    );
    t.match(sol, /^"Sol;'=1\+1",/);
    t.match(mar, /^"'=2\+2",/);
    const again = await links(csv);
    t.equal(again.text.split("\r\n")[1], luna, "repeating it gives the same link");
  },
);
