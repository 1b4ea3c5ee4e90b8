/** Of the contract with admin-api, because what businesses are called is read in the same way. */
export { hasLetterOrDigit, hasVisibleText, toVisibleText } from "@cita/calendar-api";
