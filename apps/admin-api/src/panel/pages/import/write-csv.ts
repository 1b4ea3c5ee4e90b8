/**
 * A line of CSV. A cell that a spreadsheet would compute is made a text by an apostrophe, as OWASP has it for CSV
 * injection: names of customers come from others.
 * @see https://www.rfc-editor.org/rfc/rfc4180
 */
export function csvLine(cells: readonly string[]): string {
  return `${cells.map(toCell).join(",")}\r\n`;
}

/** By it Excel knows that the file is UTF-8. */
export const byteOrderMark = "\ufeff";

function toCell(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
