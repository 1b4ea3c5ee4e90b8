/**
 * Parses phone numbers, however people and channels write them, into one E.164 form for each number. Which number a
 * request is for is decided in packages/mcp-endpoint.
 */
export { parsePhoneNumber } from "./parse-phone-number.ts";
