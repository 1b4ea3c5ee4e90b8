/**
 * A country in which one number has several written forms, because WhatsApp's ids keep a form that the numbering plan has
 * abolished, or because people leave out a digit of the mobile form. `pattern` matches the digits after the plus, country
 * code first. `toE164` returns the digits of the form that is stored.
 */
type CountryForm = {
  readonly pattern: RegExp;
  toE164(match: RegExpExecArray): string;
};

/**
 * In August 2019 Mexico abolished the mobile 1 after the country code, and 01, 044 and 045 before the area code.
 * WhatsApp's ids keep the 1.
 */
const mexico: CountryForm = {
  pattern: /^52(?:1|01|044|045)(\d{10})$/,
  toE164: ([, national = ""]) => `52${national}`,
};

/**
 * In Argentina fixed and mobile numbers share one space of ten digits. From abroad a mobile is dialled with 9 before the
 * ten digits, as in E.164 and WhatsApp's ids, at home with 15 after the area code. People leave out either, so a number
 * without them is stored as a mobile's.
 */
const argentina: CountryForm = {
  pattern: /^549?0?([1-3]\d{9})$/,
  toE164: ([, national = ""]) => `549${national}`,
};

/**
 * From 2012 to 2016 Brazil put a 9 before mobile numbers. WhatsApp's ids of most areas don't have it. Eight digits that
 * begin with 6 to 9 are a mobile number, with 2 to 5 a fixed one.
 */
const brazil: CountryForm = {
  pattern: /^550?([1-9][1-9])([6-9]\d{7})$/,
  toE164: ([, area = "", number = ""]) => `55${area}9${number}`,
};

/** In January 2021 Côte d'Ivoire went from 8 to 10 digits. The old second digit determines the operator's new prefix. */
const ivoryCoast: CountryForm = {
  pattern: /^225([04-9](\d)\d{6})$/,
  toE164: ([, number = "", second = ""]) => `225${ivorianPrefix(Number(second))}${number}`,
};

function ivorianPrefix(second: number): string {
  if (second <= 3) return "01";
  return second <= 6 ? "05" : "07";
}

/** In November 2024 Benin put 01 before all its 8-digit numbers. */
const benin: CountryForm = { pattern: /^229(\d{8})$/, toE164: ([, number = ""]) => `22901${number}` };

const countryForms: readonly CountryForm[] = [mexico, argentina, brazil, ivoryCoast, benin];

/**
 * Removes the 9 of Argentine mobiles that are written with both marks, 9 before the area code and 15 after it, which
 * libphonenumber refuses. The 15 stays, because it marks the end of the area code.
 */
export function withOneMobileMark(number: string): string {
  const [, national] = /^549(\d{12})$/.exec(number.replaceAll(/\D/g, "")) ?? [];
  return national === undefined ? number : `+54${national}`;
}

/**
 * Converts a number to the form that is stored.
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
