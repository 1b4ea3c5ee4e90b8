import t from "tap";
import { signInToImport } from "./support/import-page.ts";
import { forEachWorld } from "./support/world-engines.ts";

forEachWorld(t, "each row's problem is named, and nothing is imported", {}, async (t, world) => {
  const { upload } = await signInToImport(world);
  const rows = ["Luna;malo;123;x y", "Sol;sol@example.com;;sol", "Otra;otra@example.com;;sol"];
  const { status, text } = await upload(`\ufeffNombre;Correo;Teléfono;ID\r\n${rows.join("\r\n")}\r\n`);
  t.equal(status, 422);
  t.match(text, /2 filas con problemas/);
  for (const problem of [/correo completo/, /código de país/, /letras sin acento/, /repetido en el archivo/])
    t.match(text, problem);
  t.match((await world.api("GET", "/v1/customer-calendars")).body, { customers: { length: 0 } });
});

forEachWorld(t, "what isn't a list of customers is said in a sentence", {}, async (t, world) => {
  const { upload } = await signInToImport(world);
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
  "a spreadsheet itself, and a text in UTF-16, are told to be saved as CSV",
  {},
  async (t, world) => {
    const { upload } = await signInToImport(world);
    const csv = "nombre\tcorreo\nLuna\tluna@example.com\n";
    for (const [name, bytes] of [
      [".xlsx", Buffer.concat([Buffer.from("504b030414000600080000002100", "hex"), Buffer.alloc(64, 0xa5)])],
      ["Unicode text", Buffer.from(`\ufeff${csv}`, "utf16le")],
      ["a text with U+0000", Buffer.from(csv.replace("Luna", "Lu\0na"))],
    ] as const) {
      const { status, text } = await upload(Uint8Array.from(bytes));
      t.equal(status, 422, name);
      t.match(text, /no parece un archivo CSV[^<]*otro formato\. Guárdalo como CSV UTF-8/, name);
    }
    t.match((await world.api("GET", "/v1/customer-calendars")).body, { customers: { length: 0 } });
  },
);

forEachWorld(
  t,
  "a file of links comes back, of which a spreadsheet computes nothing",
  {},
  async (t, world) => {
    const { upload, links } = await signInToImport(world);
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

forEachWorld(t, "a file without a column of phones leaves them as they are", {}, async (t, world) => {
  const { links } = await signInToImport(world);
  const phoneOf = async () => (await world.api("GET", "/v1/customer-calendars/luna")).body.customer_phone;
  const first = await links("nombre,correo,telefono,id\nLuna,luna@example.com,+57 300 123 4567,luna\n");
  const renamed = await links("nombre,correo,id\nLuna Nueva,luna@example.com,luna\n");
  t.equal(await phoneOf(), "+573001234567");
  t.match((await world.api("GET", "/v1/customer-calendars/luna")).body, { customer_name: "Luna Nueva" });
  t.match(renamed.text, /"Luna Nueva","luna@example\.com","'\+573001234567","luna","http/);
  await links(first.text.replace("'+573001234567", ""));
  t.equal(await phoneOf(), null, "an empty cell under the title says that there is none");
});

forEachWorld(t, "a file as Excel saves it in Windows-1252 keeps its accents", {}, async (t, world) => {
  const { upload } = await signInToImport(world);
  const csv = "Nombre;Correo;Teléfono\r\nBarbería Ñandú – «Luna»;luna@example.com;malo\r\n";
  const bytes = Uint8Array.from(csv, (letter) => (letter === "–" ? 0x96 : letter.charCodeAt(0)));
  t.match((await upload(bytes)).text, /código de país/, "its column of phones is known");
  const right = await upload(bytes.slice().map((byte, i) => (i > csv.indexOf("malo") - 1 ? 0x20 : byte)));
  t.match(right.text, /1 clientes listos/);
  t.match(right.text, /Barbería Ñandú – «Luna»/);
  t.match((await upload(new TextEncoder().encode(`\ufeff${csv}`))).text, /código de país/);
});

forEachWorld(t, "the file of links can be imported", {}, async (t, world) => {
  const { upload, links } = await signInToImport(world);
  const rows = [
    "Luna,luna@example.com,+573001234567,luna",
    "Sol;=1+1,sol@example.com,,sol",
    "-Río,rio@example.com,,rio",
  ];
  const made = await links(`nombre,correo,telefono,id\n${rows.join("\n")}\n`);
  t.match(made.text, /"'\+573001234567".*"Sol;'=1\+1".*"'-Río"/s);
  t.match(await upload(made.text), { status: 200, text: /3 clientes listos/ });
  t.equal((await links(made.text)).text, made.text);
  const { customers } = (await world.api("GET", "/v1/customer-calendars")).body;
  const names = customers.map(({ customer_name }: { customer_name: string }) => customer_name);
  t.strictSame(names, ["Luna", "-Río", "Sol;=1+1"]);
});

forEachWorld(t, "columns of one meaning are named", {}, async (t, world) => {
  const { upload, links } = await signInToImport(world);
  const csv = "Empresa,Correo,Notas,Nombre,Notas\nLuna,luna@example.com,,Otra,\n";
  for (const { status, text } of [await upload(csv), await links(csv)]) {
    t.equal(status, 422);
    t.match(text, /dicen lo mismo o se llaman igual: «Empresa», «Nombre»\. Deja una sola/);
  }
  t.match((await upload("nombre,correo,nota,nota\nLuna,luna@example.com,a,b\n")).text, /1 clientes listos/);
});

forEachWorld(t, "a row has the number that the spreadsheet shows", {}, async (t, world) => {
  const { upload } = await signInToImport(world);
  const rows = ['Luna,luna@example.com,"dos\nlíneas\nmás"', ",,", "", "Sol,malo,", "Río,rio@example.com"];
  const { text } = await upload(`nombre,correo,notas\n${rows.join("\n")}\n`);
  t.match(text, /<th scope="row">5<\/th><td><div>[^<]*correo completo/);
});
