import t from "tap";
import { signInToImport } from "./support/import-page.ts";
import type { World } from "./support/world.ts";
import { forEachWorld } from "./support/world-engines.ts";

const detailsOf = async (world: World, customerId: string) =>
  (await world.api("GET", `/v1/customer-calendars/${customerId}`)).body;

/** The cells of a file's lines without its titles, by the id or else by the name. */
function readLines(text: string): Map<string, string[]> {
  const lines = text.split("\r\n").slice(1, -1);
  const cells = lines.map((line) => line.slice(1, -1).split('","'));
  return new Map(cells.map((line) => [line[3] || line[0] || "", line]));
}

const mistakes = {
  "an id made of the name": [
    "nombre,correo\nSol,otra@example.com\n",
    /identificador que sale de este nombre/,
  ],
  "an id made of the name, with the address": [
    "nombre,correo\nSol,sol@example.com\n",
    /identificador que sale de este nombre/,
  ],
  "an id of spaces": ['nombre,correo,id\nSol,sol@example.com," "\n', /identificador que sale de este nombre/],
  "a typed id": ["nombre,correo,id\nSol,otra@example.com,sol\n", /este identificador y otro correo/],
} as const;

for (const [mistake, [csv, sentence]] of Object.entries(mistakes)) {
  forEachWorld(t, `${mistake} doesn't reach another business's customer`, {}, async (t, world) => {
    await world.connected("sol");
    const before = await detailsOf(world, "sol");
    const { upload, links } = await signInToImport(world);
    const rows = csv.replace("\n", "\nLuna,luna@example.com,\n");
    const read = await upload(rows);
    t.equal(read.status, 422);
    t.match(
      read.text,
      new RegExp(`1 filas con problemas.*<th scope="row">3</th>[^/]*${sentence.source}`, "s"),
    );

    const lines = readLines((await links(rows)).text);
    const taken = [...lines.values()].find(([name]) => name === "Sol") ?? [];
    t.strictSame(taken.slice(4, 6), ["", ""], "it gets no link");
    t.match(taken[6], sentence);
    t.match(lines.get("luna")?.[4], /\/connect\//, "the others get theirs");
    t.strictSame(await detailsOf(world, "sol"), before);

    const corrected = readLines((await links([...lines.values()].map(toCsv).join(""))).text);
    t.notOk([...corrected.values()].some(([name, , , , link]) => name === "Sol" && link !== ""));
  });
}

const titles = "nombre,correo,telefono,id\n";
const toCsv = ([name, email, phone, id]: readonly string[], i: number) =>
  `${i === 0 ? titles : ""}${name},${email},${phone},${id}\n`;

forEachWorld(t, "a customer's own row corrects it, and may be repeated", {}, async (t, world) => {
  await world.connected("sol");
  const { upload, links } = await signInToImport(world);
  const typed = "nombre,correo,telefono,id\nSol Nuevo,SOL@example.com,+57 300 123 4567,sol\n";
  t.equal((await upload(typed)).status, 200);
  t.match(readLines((await links(typed)).text).get("sol")?.[4], /\/connect\//);
  t.match(await detailsOf(world, "sol"), { customer_name: "Sol Nuevo", customer_phone: "+573001234567" });

  const untyped = "nombre,correo\nBarbería Luna,luna@example.com\n";
  const first = await links(untyped);
  t.equal((await upload(untyped)).status, 200);
  t.equal((await links(untyped)).text, first.text);
});

forEachWorld(t, "of two imports at once with the same ids, each id is of one", {}, async (t, world) => {
  const { links } = await signInToImport(world);
  const ids = Array.from({ length: 24 }, (_, i) => `customer-${i}`);
  const fileOf = (host: string) =>
    `nombre,correo,id\n${ids.map((id) => `Negocio ${id},${id}@${host},${id}\n`).join("")}`;
  const answers = await Promise.all(
    ["one.example.com", "two.example.com"].map((host) => links(fileOf(host))),
  );
  const files = answers.map(({ text }) => readLines(text));
  for (const id of ids) {
    const linked = files.flatMap((lines) => (lines.get(id)?.[4] ? [lines.get(id)] : []));
    t.equal(linked.length, 1, id);
    t.match(await detailsOf(world, id), { customer_email: linked[0]?.[1] });
    t.ok(files.some((lines) => /este identificador y otro correo/.test(lines.get(id)?.[6] ?? "")));
  }
});

forEachWorld(t, "a customer who is stored without a link isn't called refused", {}, async (t, world) => {
  const { links } = await signInToImport(world);
  await world.stopMcpCalendar();
  const csv = "nombre,correo,id\nLuna,luna@example.com,luna\n";
  const [, , , , link, , problem] = readLines((await links(csv)).text).get("luna") ?? [];
  t.equal(link, "");
  t.match(problem, /^Se guardó, pero falta su enlace/);
  await world.restart();
  t.match(await detailsOf(world, "luna"), { customer_name: "Luna", status: "pending" });
  t.match(readLines((await links(csv)).text).get("luna")?.[4], /\/connect\//, "repeating it makes the link");
});
