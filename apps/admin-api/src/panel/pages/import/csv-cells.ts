/**
 * A line of CSV. A cell that a spreadsheet would compute is made a text by an apostrophe, as OWASP has it for CSV
 * injection: names of customers come from others.
 * @see https://www.rfc-editor.org/rfc/rfc4180
 */
export function csvLine(cells: readonly string[]): string {
  return `${cells.map(toCell).join(",")}\r\n`;
}

/** The text of a cell as it was before `csvLine` made it harmless, so that a file of ours can be imported again. */
export function withoutApostrophes(cell: string): string {
  return cell.replaceAll(/(^|[;,\t\r\n]\s*)'(?=[=+\-@\t\r])/g, "$1");
}

/** By it Excel knows that the file is UTF-8. */
export const byteOrderMark = "\ufeff";

/** Quoted always, and no part of it computed: spreadsheets in Spanish and Portuguese separate by semicolons. */
function toCell(text: string): string {
  const harmless = text.replaceAll(/(^|[;,\t\r\n]\s*)([=+\-@\t\r])/g, "$1'$2");
  return `"${harmless.replaceAll('"', '""')}"`;
}
