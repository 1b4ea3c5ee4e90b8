import { addDays, dayMs, hourMs } from "@cita/scheduling";

/** A country by its ISO 3166 code, and a state or region of it by its ISO 3166-2 code without the country. */
export type HolidayPlace = { readonly country: string; readonly region?: string | undefined };

/** Public holidays, by country. */
export type Holidays = {
  /** Public holidays (`2027-01-18`) of whole years, and maybe some days more. */
  readDates(place: HolidayPlace, fromYear: number, toYear: number): Promise<ReadonlySet<string>>;
  /** The problems of a place, each beginning with the member that is wrong; none: its holidays are known. */
  findProblems(place: HolidayPlace): Promise<string[]>;
};

/** Bounds the memory. */
const maxYears = 2_000;

/** The library is imported when first needed: with its data it takes 30 MB. */
export function createHolidays(): Holidays {
  const years = new Map<string, readonly string[]>();

  async function readYear({ country, region }: HolidayPlace, year: number): Promise<readonly string[]> {
    const key = `${country}/${region}/${year}`;
    const known = years.get(key);
    if (known !== undefined) return known;
    const Library = await loadLibrary();
    const { state, part } = splitRegion(region);
    const holidays = new Library(country, state, part ?? "", { types: ["public"] }).getHolidays(year);
    const dates = holidays.flatMap(wholeDates);
    if (years.size >= maxYears) years.clear();
    years.set(key, dates);
    return dates;
  }

  return {
    async readDates(place, fromYear, toYear) {
      const dates = new Set<string>();
      // The last holiday of a year may reach into the next.
      for (let year = fromYear - 1; year <= toYear; year++) {
        for (const date of await readYear(place, year)) dates.add(date);
      }
      return dates;
    },

    async findProblems({ country, region }) {
      const library = new (await loadLibrary())();
      if (!Object.hasOwn(library.getCountries(), country)) {
        return [
          `holidays.country is unknown (${country}): use another ISO 3166 code, or null and date_overrides`,
        ];
      }
      if (region === undefined) return [];
      const { state, part } = splitRegion(region);
      const states = library.getStates(country) ?? {};
      if (!Object.hasOwn(states, state)) return [unknownRegion(country, Object.keys(states))];
      const parts = library.getRegions(country, state) ?? {};
      if (part === undefined || Object.hasOwn(parts, part)) return [];
      const withParts = Object.keys(parts).map((name) => `${state}-${name}`);
      return [unknownRegion(country, [state, ...withParts])];
    },
  };
}

/** `BY` is a state, `BY-A` a part of it with holidays of its own. */
function splitRegion(region = ""): { state: string; part?: string } {
  const [state = "", ...rest] = region.split("-");
  return rest.length === 0 ? { state } : { state, part: rest.join("-") };
}

async function loadLibrary() {
  return (await import("date-holidays")).default;
}

function unknownRegion(country: string, known: readonly string[]): string {
  if (known.length === 0) {
    return `holidays.region must be left out: no part of ${country} is known to have holidays of its own`;
  }
  return `holidays.region is unknown in ${country}: use one of ${known.join(", ")}`;
}

type Holiday = { readonly date: string; readonly start: Date; readonly end: Date };

/**
 * The dates that a holiday covers whole. Half a day, such as New Year's Eve from noon, closes no date. The hour that is
 * added makes up for a day of 23 hours, when clocks change. `date` is local; the library has moved holidays that begin
 * the evening before to midnight.
 */
function wholeDates({ date, start, end }: Holiday): string[] {
  const days = Math.floor((end.getTime() - start.getTime() + hourMs) / dayMs);
  return Array.from({ length: days }, (_, i) => addDays(date.slice(0, 10), i));
}
