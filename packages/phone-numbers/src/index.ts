export { readPhoneNumber } from "./read-phone-number.ts";
