import t from "tap";
import {
  createClock,
  createTimeFormatter,
  formatDate,
  formatTime,
  formatWeekday,
  languages,
  weekdays,
} from "../src/index.ts";

const day = 86_400_000;

t.test("every day of a leap year is written as Intl writes it, but for commas", async (t) => {
  const locales = { es: "es", en: "en-GB", pt: "pt" };
  for (const language of languages) {
    const intl = new Intl.DateTimeFormat(locales[language], { dateStyle: "full", timeZone: "UTC" });
    for (let i = 0; i < 366; i++) {
      const at = Date.UTC(2028, 0, 1) + i * day;
      const plain = (text: string) => text.replaceAll(",", "");
      const written = formatDate(new Date(at).toISOString().slice(0, 10), language);
      if (plain(written) !== plain(intl.format(at))) t.equal(written, intl.format(at));
    }
  }
  t.equal(formatDate("2028-02-29", "es"), "martes 29 de febrero de 2028");
  t.equal(formatDate("2028-02-29", "pt"), "terça-feira, 29 de fevereiro de 2028");
  t.equal(formatDate("2028-02-29"), "Tuesday 29 February 2028");
  t.strictSame(
    weekdays.map((name) => formatWeekday(name, "pt")),
    "segunda-feira terça-feira quarta-feira quinta-feira sexta-feira sábado domingo".split(" "),
  );
});

t.test(
  "the day that is written is the zone's own, where clocks change and where days are skipped",
  async (t) => {
    const cases: [zone: string, instant: string, es: string][] = [
      ["Europe/Madrid", "2027-10-31T00:30:00Z", "domingo 31 de octubre de 2027, 02:30"],
      ["Europe/Madrid", "2027-10-31T01:30:00Z", "domingo 31 de octubre de 2027, 02:30"],
      ["America/Santiago", "2027-09-05T04:00:00Z", "domingo 5 de septiembre de 2027, 01:00"],
      ["America/Havana", "2027-03-14T05:00:00Z", "domingo 14 de marzo de 2027, 01:00"],
      ["Pacific/Apia", "2011-12-30T10:00:00Z", "sábado 31 de diciembre de 2011, 00:00"],
      ["Pacific/Kiritimati", "2027-12-31T10:00:00Z", "sábado 1 de enero de 2028, 00:00"],
      ["America/Noronha", "2028-01-01T01:59:00Z", "viernes 31 de diciembre de 2027, 23:59"],
    ];
    for (const [zone, instant, label] of cases) {
      t.equal(formatTime(createClock(zone), Date.parse(instant), "es").label, label);
    }
  },
);

t.test("languages don't mix, however they are asked", async (t) => {
  const clock = createClock("America/Bogota");
  const at = Date.parse("2027-01-18T14:00:00Z");
  const formatters = languages.map((language) => createTimeFormatter(clock, language));
  for (let i = 0; i < 600; i++) {
    const labels = formatters.map((format) => format(at + i * day).label);
    if (new Set(labels).size !== 3) t.fail(labels.join(" | "));
  }
  t.strictSame(
    formatters.map((format) => format(at).label),
    [
      "lunes 18 de enero de 2027, 09:00",
      "Monday 18 January 2027, 09:00",
      "segunda-feira, 18 de janeiro de 2027, 09:00",
    ],
  );
  t.equal(new Set(formatters.map((format) => format(at).iso)).size, 1, "ISO times are nobody's language");
});
