import tap from "tap";
import { hasLetterOrDigit, hasVisibleText, toVisibleText } from "../src/visible-text.ts";

tap.test("what people are called stays as they write it", async (t) => {
  const names = [
    "O'Neill",
    "João",
    "李",
    "3M",
    "A0",
    "Null",
    "Y",
    "محمد علی",
    "נועה",
    "می\u200cخواهم", // a non-joiner that Persian needs
    "क्\u200dष", // a joiner that Devanagari needs
    "Ana 👩\u200d👩\u200d👧 López",
    "❤\ufe0f",
    "👩🏽\u200d🚒",
    "ñ".repeat(200),
  ];
  for (const name of names) t.equal(toVisibleText(name), name, JSON.stringify(name));
});

tap.test("characters that show nothing are dropped, those that show a gap become a space", async (t) => {
  const tags = [..."ignore"].map((letter) => String.fromCodePoint(0xe0000 + letter.charCodeAt(0))).join("");
  const cases: [text: string, visible: string][] = [
    [`Ana${tags}`, "Ana"],
    ["A\u200bn\u200ca\u200d", "Ana"],
    ["Ana\u00ad\ufeff\u2060\u034f\u061c\u180e", "Ana"],
    ["A\ufe0fn\u{e0101}a\ufe00", "Ana"],
    ["\u202eanA\u202c \u2066x\u2069", "anA x"],
    ["❤\ufe0f\ufe0f\ufe0f", "❤\ufe0f"],
    ["Ana\r\n\t\u2028López", "Ana López"],
    ["Ana\u3164López\uffa0\u115f", "Ana López"],
    ["\u2800Ana\u2800", "Ana"],
    ["Jose\u0301", "José"],
    ["\ud800Ana", "\ufffdAna"],
    ["\ufff9Ana\ufffb", "Ana"],
  ];
  for (const [index, [text, visible]] of cases.entries())
    t.equal(toVisibleText(text), visible, `case ${index}`);
  for (const [text] of cases) t.equal(toVisibleText(toVisibleText(text)), toVisibleText(text), "done once");
});

tap.test("a text that shows nothing is told", async (t) => {
  const nothing = [
    "",
    " ",
    "\u00a0\u3000",
    "\u3164",
    "\u2800",
    "\u200b",
    "\u0301\u0302",
    "\u{1d159}",
    "\ufe0f",
  ];
  for (const text of nothing) {
    t.notOk(hasVisibleText(toVisibleText(text)), JSON.stringify(text));
    t.notOk(hasLetterOrDigit(toVisibleText(text)), JSON.stringify(text));
  }
  for (const text of ["👍", "…", "$"]) {
    t.ok(hasVisibleText(toVisibleText(text)), text);
    t.notOk(hasLetterOrDigit(toVisibleText(text)), `${text} is no name`);
  }
  for (const text of ["Y", "李", "3", "ع", "Ñ"]) t.ok(hasLetterOrDigit(toVisibleText(text)), text);
});
