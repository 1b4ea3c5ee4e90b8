import parsePhoneNumber, {
  type CountryCode,
  getExampleNumber,
  type PhoneNumber,
} from "libphonenumber-js/max";
import examples from "libphonenumber-js/mobile/examples";
import { createRandom } from "./fuzzing/random.ts";

/** Countries where businesses and their customers are, and those where WhatsApp's id differs. */
export const phoneCountries: readonly CountryCode[] = [
  "MX",
  "AR",
  "BR",
  "CI",
  "BJ",
  "CO",
  "CL",
  "PE",
  "EC",
  "UY",
  "US",
  "ES",
  "PT",
  "DE",
  "GB",
  "IN",
  "SG",
];

const brazilianAreas = ["11", "21", "27", "31", "37", "41", "48", "51", "61", "71", "81", "85", "92"];

/** Numbers of a country that differ from each other: its example with other last digits. */
export function mobileNumbers(country: CountryCode, count: number, seed = 1): PhoneNumber[] {
  const random = createRandom(seed);
  const example = getExampleNumber(country, examples);
  if (example === undefined) throw new Error(`There is no example of ${country}.`);
  const found = new Map<string, PhoneNumber>();
  while (found.size < count) {
    const area = country === "BR" ? `+55${random.pick(brazilianAreas)}9` : example.number.slice(0, -8);
    const varied = area + String(random.below(1e8)).padStart(8, "0");
    const number = parsePhoneNumber(varied);
    if (number?.isValid() && /MOBILE/.test(number.getType() ?? "")) found.set(number.number, number);
  }
  return [...found.values()];
}

/** How one number comes: from people, from channels, and from WhatsApp. */
export function formsOf(number: PhoneNumber): string[] {
  const digits = number.number.slice(1);
  const national = number.formatInternational().replace(/^\+\d+ /, "");
  const code = number.countryCallingCode;
  const forms = [
    `+${digits}`,
    `+${code} ${national}`,
    `+${code}-${national.replaceAll(" ", "-")}`,
    `(+${code}) ${national}`,
    `00${digits}`,
    `whatsapp:+${digits}`,
    `tel:+${digits}`,
    `${digits}@s.whatsapp.net`,
    `${digits}:3@s.whatsapp.net`,
    `${digits}@c.us`,
    `\u202a+${code}\u00a0${national}\u202c`,
    [...`+${digits}`].map((sign) => String.fromCharCode(sign.charCodeAt(0) + 0xfee0)).join(""),
    ...whatsappForms(digits).flatMap((id) => [id, `${id}@s.whatsapp.net`, `+${id}`]),
  ];
  return digits.length < 11 ? forms : [digits, ...forms];
}

/** The forms that a plan has given up, or that leave out what it needs. */
function whatsappForms(digits: string): string[] {
  const national = digits.slice(2);
  if (digits.startsWith("52")) return [`521${national}`, `52044${national}`];
  if (digits.startsWith("54911")) return [`54${digits.slice(3)}`, `541115${digits.slice(5)}`];
  if (/^55\d\d9[6-9]/.test(digits)) return [digits.slice(0, 4) + digits.slice(5), `550${national}`];
  if (digits.startsWith("22901")) return [`229${digits.slice(5)}`];
  const ivorian = /^225(01[04-9][0-3]|05[04-9][4-6]|07[04-9][7-9])/.test(digits);
  return ivorian ? [`225${digits.slice(5)}`] : [];
}
