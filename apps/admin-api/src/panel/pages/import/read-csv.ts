import { parse } from "csv-parse/sync";
import { type NewCustomer, readNewCustomer } from "../new-customer/read-form.ts";
import type { NewCustomerProblem } from "../new-customer/view.ts";
import { withoutApostrophes } from "./csv-cells.ts";
import type { Conflict } from "./find-conflicts.ts";

export type RowProblem = {
  /** As a spreadsheet numbers it. */
  readonly row: number;
  readonly problems: readonly (NewCustomerProblem | "repeatedId" | Conflict)[];
};

/** `customer_phone` is left out where the row has no such column. */
export type ImportedCustomer = Omit<NewCustomer, "customer_phone" | "any_account"> &
  Partial<Pick<NewCustomer, "customer_phone">>;

export type ImportedRow = {
  readonly row: number;
  /** Otherwise the id is made of the name. */
  readonly idIsTyped: boolean;
  readonly customer: ImportedCustomer;
};

export type UnreadableCsv =
  | { readonly kind: "unreadable"; readonly problem: "empty" | "notCsv" | "noColumns" | "tooManyRows" }
  /** Several columns are read as the same field. */
  | { readonly kind: "unreadable"; readonly problem: "repeatedColumns"; readonly names: readonly string[] };

export type ReadCsv =
  | UnreadableCsv
  | { readonly kind: "read"; readonly rows: readonly ImportedRow[]; readonly wrong: readonly RowProblem[] };

export const maxRows = 10_000;

type Column = "customer_name" | "customer_email" | "customer_phone" | "customer_id";

/** What a column may be called, in lower case and without accents. */
const columnNames: Readonly<Record<Column, readonly string[]>> = {
  customer_name: ["customer_name", "nombre", "negocio", "empresa", "name", "business", "nome"],
  customer_email: ["customer_email", "correo", "email", "e-mail", "mail"],
  customer_phone: ["customer_phone", "telefono", "whatsapp", "celular", "phone", "telefone"],
  customer_id: ["customer_id", "id", "identificador", "identifier"],
};

type NumberedRow = { readonly row: number; readonly cells: readonly string[] };

/**
 * Reads customers from a CSV file as spreadsheets save it: with or without a byte order mark, with commas, semicolons or
 * tabs, a first line with names of columns. Every row is read, so that all problems are named at once.
 */
export function readCsv(text: string): ReadCsv {
  const parsed = parseRows(text);
  if (parsed === undefined) return { kind: "unreadable", problem: "notCsv" };
  const [header, ...numbered] = parsed;
  if (header === undefined || numbered.length === 0) return { kind: "unreadable", problem: "empty" };
  if (numbered.length > maxRows) return { kind: "unreadable", problem: "tooManyRows" };
  const columns = header.cells.map(toColumn);
  if (!columns.includes("customer_name") || !columns.includes("customer_email"))
    return { kind: "unreadable", problem: "noColumns" };
  const names = header.cells.filter((_, i) => isRepeated(columns, columns[i]));
  if (names.length > 0) return { kind: "unreadable", problem: "repeatedColumns", names };
  return { kind: "read", ...readRows(numbered, columns) };
}

/** Rows in which something is written. Those between them count, as they do in a spreadsheet. */
function parseRows(text: string): NumberedRow[] | undefined {
  const rows: NumberedRow[] = [];
  let row = 0;
  const keepRow = (cells: string[]): null => {
    row += 1;
    if (cells.some((cell) => cell.trim() !== "")) rows.push({ row, cells });
    return null;
  };
  try {
    parse(text, {
      ...{ bom: true, trim: true, delimiter: findDelimiter(text), relax_column_count: true },
      on_record: keepRow,
    });
    return rows;
  } catch {
    return undefined;
  }
}

/** The one that the first line has most of. */
function findDelimiter(text: string): string {
  const [header = ""] = text.split(/\r\n|\r|\n/, 1);
  const count = (delimiter: string) => header.split(delimiter).length;
  return [",", ";", "\t"].reduce((best, one) => (count(one) > count(best) ? one : best));
}

/** @returns undefined for a column that isn't imported. */
function toColumn(name: string): Column | undefined {
  const plain = name
    .normalize("NFD")
    .replaceAll(/\p{Diacritic}/gu, "")
    .trim()
    .toLowerCase();
  return (Object.keys(columnNames) as Column[]).find((column) => columnNames[column].includes(plain));
}

function isRepeated(columns: readonly (Column | undefined)[], column: Column | undefined): boolean {
  return column !== undefined && columns.indexOf(column) !== columns.lastIndexOf(column);
}

function readRows(numbered: readonly NumberedRow[], columns: readonly (Column | undefined)[]) {
  const rows: ImportedRow[] = [];
  const wrong: RowProblem[] = [];
  const seen = new Set<string>();
  const places = new Map(columns.map((column, place) => [column, place]));
  for (const { row, cells } of numbered) {
    const read = readRow(row, (column) => cells[places.get(column) ?? -1]);
    if ("problems" in read) wrong.push(read);
    else if (seen.has(read.customer.customer_id)) wrong.push({ row, problems: ["repeatedId"] });
    else {
      seen.add(read.customer.customer_id);
      rows.push(read);
    }
  }
  return { rows, wrong };
}

/** @param cellOf undefined where the row has no such column. */
function readRow(row: number, cellOf: (column: Column) => string | undefined): ImportedRow | RowProblem {
  const typed = (column: Column) => withoutApostrophes(cellOf(column) ?? "");
  const read = readNewCustomer({
    ...{ customer_name: typed("customer_name"), customer_email: typed("customer_email") },
    ...{ customer_phone: typed("customer_phone"), customer_id: typed("customer_id"), any_account: false },
  });
  if ("problems" in read)
    return { row, problems: Object.values(read.problems).filter((problem) => problem !== undefined) };
  const { customer_id, customer_name, customer_email, customer_phone } = read;
  const hasPhone = cellOf("customer_phone") !== undefined;
  const customer = { customer_id, customer_name, customer_email, ...(hasPhone && { customer_phone }) };
  return { row, idIsTyped: typed("customer_id").trim() !== "", customer };
}
