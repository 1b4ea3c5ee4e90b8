/**
 * A country in which one line has several written forms, because WhatsApp's ids keep a form that the numbering plan has
 * given up, or because people leave out a digit of the mobile form. `pattern` matches the digits after the plus,
 * country code first; `toE164` returns those of the form that is stored.
 */
type CountryForm = {
  readonly pattern: RegExp;
  toE164(match: RegExpExecArray): string;
};

/**
 * Mexico gave up the mobile 1 after the country code, and 01, 044 and 045 before the area code, in August 2019;
 * WhatsApp's ids keep the 1.
 */
const mexico: CountryForm = {
  pattern: /^52(?:1|01|044|045)(\d{10})$/,
  toE164: ([, national = ""]) => `52${national}`,
};

/**
 * Argentina: fixed and mobile lines share one space of ten digits, so that ten digits are one line. From abroad a
 * mobile is called with 9 before them, which is WhatsApp's form and E.164's; at home with 15 after the area code.
 * Those who write an attendee's number leave out either, so it is read as a mobile's.
 */
const argentina: CountryForm = {
  pattern: /^549?0?([1-3]\d{9})$/,
  toE164: ([, national = ""]) => `549${national}`,
};

/**
 * Brazil put a 9 before mobile numbers from 2012 to 2016; WhatsApp's ids of most areas do without. Eight digits
 * that begin with 6 to 9 are a mobile's, with 2 to 5 a fixed line's.
 */
const brazil: CountryForm = {
  pattern: /^550?([1-9][1-9])([6-9]\d{7})$/,
  toE164: ([, area = "", number = ""]) => `55${area}9${number}`,
};

/** Côte d'Ivoire went from 8 to 10 digits in January 2021: the old second digit tells the operator's new prefix. */
const ivoryCoast: CountryForm = {
  pattern: /^225([04-9](\d)\d{6})$/,
  toE164: ([, number = "", second = ""]) => `225${ivorianPrefix(Number(second))}${number}`,
};

function ivorianPrefix(second: number): string {
  if (second <= 3) return "01";
  return second <= 6 ? "05" : "07";
}

/** Benin put 01 before all of its 8 digits in November 2024. */
const benin: CountryForm = { pattern: /^229(\d{8})$/, toE164: ([, number = ""]) => `22901${number}` };

const countryForms: readonly CountryForm[] = [mexico, argentina, brazil, ivoryCoast, benin];

/**
 * Argentine mobiles written with both marks, 9 before the area code and 15 after it, which libphonenumber refuses.
 * The 9 is removed, because only the 15 tells where the area code ends.
 */
export function withOneMobileMark(number: string): string {
  const [, national] = /^549(\d{12})$/.exec(number.replaceAll(/\D/g, "")) ?? [];
  return national === undefined ? number : `+54${national}`;
}

/**
 * Brings a number to the one form of its line.
 * @param digits of the number, country code first, without a plus.
 * @returns the same digits in countries without a rule.
 */
export function toCountryForm(digits: string): string {
  for (const { pattern, toE164 } of countryForms) {
    const match = pattern.exec(digits);
    if (match !== null) return toE164(match);
  }
  return digits;
}
