import { parsePhoneNumber } from "@cita/phone-numbers";
import t from "tap";
import { formsOf, mobileNumbers, phoneCountries } from "../support/phone-forms.ts";

/** Of each country. */
const count = 2_000;

for (const country of phoneCountries) {
  t.test(`${country}: every form of ${count} numbers is one, and no two numbers are`, async (t) => {
    const numbers = mobileNumbers(country, count, 7);
    const readings = new Set<string>();
    const wrong: string[] = [];
    for (const number of numbers) {
      for (const form of formsOf(number)) {
        const reading = parsePhoneNumber(form);
        readings.add(reading ?? "none");
        if (reading !== number.number) wrong.push(`${form} is ${reading}, not ${number.number}`);
      }
    }
    t.strictSame(wrong.slice(0, 5), []);
    t.equal(readings.size, count);
  });
}

t.test("no fixed line of Brazil becomes a mobile", async (t) => {
  const wrong: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const number = `+5531${2 + (index % 4)}${String((index * 7_919) % 10_000_000).padStart(7, "0")}`;
    const reading = parsePhoneNumber(number);
    if (reading !== undefined && reading !== number) wrong.push(`${number} is ${reading}`);
  }
  t.strictSame(wrong, []);
});
