import { hasLetterOrDigit, toVisibleText } from "@cita/calendar-api";
import t, { type Test } from "tap";
import { callWith, mondayAt } from "./support/attendee-calls.ts";
import { createWorld, type World } from "./support/world.ts";

const luna = { "x-customer-id": "luna" };

async function openLuna(t: Test, schedule: object = {}) {
  const world = await createWorld(t);
  await world.connected("luna");
  const services = [{ id: "appointment", name: "Appointment", duration_minutes: 30, capacity: 100 }];
  await world.api("PUT", "/v1/customer-calendars/luna/schedule", { services, language: "en", ...schedule });
  return world;
}

type Event = { id: string; status: string; summary: string; description: string; attendees?: object[] };
const eventsOf = async (world: World): Promise<Event[]> =>
  (await world.sandbox("GET", "events?email=luna@example.com")).events;

const names = [
  "O'Neill",
  "O’Neill-Pérez",
  "João",
  "李",
  "𠮷野",
  "3M",
  "A0",
  "Null",
  "x",
  "Dr. Ana María de la O",
  "محمد علي",
  "דוד",
  "می\u200cخواهم",
  "क्\u200dष",
  "👩\u200d👩\u200d👧 Ana",
  "A".repeat(200),
  "𠮷".repeat(200),
  "Ⅷ",
];

/** What is written, and what of it is seen. */
const cleaned: [written: string, seen: string][] = [
  ["Joa\u0303o", "João"],
  ["An\u200ba", "Ana"],
  ["An\u200ca", "Ana"],
  ["An\u200da", "Ana"],
  ["A\u00adna", "Ana"],
  ["A\ufe0fna", "Ana"],
  ["A\u{e0101}na", "Ana"],
  ["Ana\u{e0049}\u{e0067}\u{e006e}\u{e006f}\u{e0072}\u{e0065}", "Ana"],
  ["\u202eanA", "anA"],
  ["\u2066Ana\u2069\u200f\u061c", "Ana"],
  ["\ufeffAna\u2060\u034f", "Ana"],
  ["Ana\u3164\uffa0\u115f\u17b5\u180e", "Ana"],
  ["Ana\nPérez\r\n\u2028\u0085", "Ana Pérez"],
  ["\u00a0 Ana\u3000\u2003Pérez\u2800", "Ana Pérez"],
  ["Ana\u200d\u200d👧", "Ana👧"],
  [`A${"\u0323\u0301".repeat(500)}na`, `\u1ea0${"\u0323".repeat(7)}${"\u0301".repeat(8)}na`],
  ["Ana\ud800", "Ana\ufffd"],
];

const nobody = [
  "",
  " ",
  "\u3164",
  "\u2800",
  "\u200b",
  "\u200d",
  "\u00ad",
  "\ufe0f",
  "\u{e0041}",
  "\u202e",
  "---",
  "...",
  "👍",
  "🏴\u{e0067}\u{e0062}\u{e007f}",
  "·",
  "\u0301",
];

/** What a test's name may hold. */
const titleOf = (text: string) =>
  `case ${encodeURIComponent(text.toWellFormed().slice(0, 20).toWellFormed())}`;

t.test("a text is what can be seen of it, once and for all", async (t) => {
  for (const name of names) t.equal(toVisibleText(name), name, titleOf(name));
  for (const [written, seen] of cleaned) t.equal(toVisibleText(written), seen, titleOf(written));
  for (const text of [...names, ...cleaned.map(([written]) => written)]) {
    t.equal(toVisibleText(toVisibleText(text)), toVisibleText(text));
    t.ok(hasLetterOrDigit(toVisibleText(text)));
  }
  for (const text of nobody) t.notOk(hasLetterOrDigit(toVisibleText(text)), titleOf(text));
});

t.test("whoever has a letter or a digit has a name, and what shows nothing is none", async (t) => {
  const world = await openLuna(t);
  const start_iso = mondayAt(0);
  const expected: string[] = [];
  for (const [written, seen] of [...names.map((name) => [name, name] as const), ...cleaned]) {
    const { answer, error } = await callWith(world, luna, "book", { start_iso, attendee_name: written });
    t.equal(answer?.attendee_name, seen, error?.message ?? "no other answer");
    expected.push(`${seen} · Appointment`);
  }
  for (const attendee_name of [...nobody, "A".repeat(201), "𠮷".repeat(201)]) {
    const { error } = await callWith(world, luna, "book", { start_iso, attendee_name });
    t.equal(error?.code, "invalid_arguments", titleOf(attendee_name));
    t.match(error?.message, "attendee_name");
  }
  t.strictSame((await eventsOf(world)).map(({ summary }) => summary).sort(), expected.sort());
  const { answer } = await callWith(world, luna, "list_bookings");
  t.equal(answer.bookings.length, expected.length);
});

t.test(
  "a business's name is read the same way, where the admin sends it and where pages show it",
  async (t) => {
    const world = await createWorld(t);
    const onOneLine = cleaned.slice(0, -1).filter(([written]) => !written.includes("\n"));
    for (const [i, [written, seen]] of onOneLine.entries()) {
      const { status, body } = await world.connect(`c${i}`, { customer_name: written });
      t.strictSame([status, body.customer_name], [200, seen]);
    }
    for (const customer_name of ["\u202e", "\u3164", "\n", "Ana\nPérez", "---", "A".repeat(201)]) {
      t.match(await world.connect("none", { customer_name }), {
        status: 400,
        body: { code: "invalid_request" },
      });
    }
  },
);

t.test("no address in a description is a link", async (t) => {
  const world = await openLuna(t);
  const written: [notes: string, shown: RegExp][] = [
    ["see https://evil.example/x?a=1", /https\[:\]\/\/evil/],
    ["HTTP://evil.example", /HTTP\[:\]\/\//],
    ["ftp://evil.example https://b.example", /ftp\[:\]\/\/.*https\[:\]\/\/b/],
    ["www.evil.example", /www\[\.\]evil/],
    ["go to evil.com now", /evil\[\.\]com/],
    ["evil.co/abc and bit.ly/x", /evil\[\.\]co\/abc and bit\[\.\]ly\/x/],
    ["<a href='https://evil.example'>click</a>", /&lt;a href='https\[:\]\/\/evil\.example'&gt;/],
    ["https:\u200b//evil.example", /https\[:\]\/\//],
  ];
  for (const [i, [notes, shown]] of written.entries()) {
    const sent = { start_iso: mondayAt(0), attendee_name: `Ana ${i}`, notes };
    const { answer } = await callWith(world, luna, "book", sent);
    const event = (await eventsOf(world)).find(({ id }) => id === answer.event_id);
    t.match(event?.description, shown, notes);
    t.notMatch(event?.description, /:\/\/|www\.\w/);
  }
  const plain = "Llegamos a las 9.30, somos 2. Gracias. Ana: sin gluten; 3.5 kg, hola.quiero el Sr.Pérez";
  const sent = { start_iso: mondayAt(0), attendee_name: "Eva https://evil.example", notes: plain };
  const { answer } = await callWith(world, luna, "book", sent);
  const event = (await eventsOf(world)).find(({ id }) => id === answer.event_id);
  t.match(event?.description, `Notes: ${plain}`, "what is no address stays as it was");
  t.match(event?.summary, "https[:]//evil");
});

t.test("an event that invites a guest carries no words of a stranger", async (t) => {
  const world = await openLuna(t, { invite_attendees: true });
  const attendee_email = "victim@example.com";
  const book = async (args: object, headers: Record<string, string> = luna) => {
    const sent = { start_iso: mondayAt(0), attendee_name: "Ana O'Neill", ...args };
    const { answer, error } = await callWith(world, headers, "book", sent);
    if (answer === undefined) throw new Error(JSON.stringify(error));
    return (await eventsOf(world)).find(({ id }) => id === answer.event_id);
  };
  const invited = await book({
    attendee_email,
    attendee_name: "Win! https://evil.com/x, now. O'Neill-Ruiz <b>",
    notes: "Call +1 900 now",
  });
  t.match(invited?.attendees, [
    { email: attendee_email, displayName: "Win https evil com x now O'Neill-Ruiz b" },
  ]);
  t.equal(invited?.summary, "Win https evil com x now O'Neill-Ruiz b · Appointment");
  t.notMatch(invited?.description, /900|evil/);
  const { body } = await world.api("GET", "/v1/customer-calendars/luna/bookings");
  t.match(body.bookings, [{ notes: "Call +1 900 now" }], "the business reads them");

  const person = { ...luna, "x-attendee-phone": "+57 300 123 4567" };
  const bound = await book({ attendee_email, notes: "by the window" }, person);
  t.equal(bound?.attendees, undefined, "nobody is invited at an address that only a model has told");
  t.match(bound?.description, /by the window · victim@example\.com/);
  const withoutGuest = await book({ notes: "by the window", attendee_name: "Bea!" });
  t.equal(withoutGuest?.summary, "Bea! · Appointment");
  t.match(withoutGuest?.description, "by the window");
});
