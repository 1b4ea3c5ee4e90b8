/**
 * Phone numbers, however people and channels write them, in one E.164 form a line. Whose a number is, and which number
 * a request is for, is decided elsewhere (`packages/mcp-endpoint`).
 */
export { parsePhoneNumber } from "./parse-phone-number.ts";
