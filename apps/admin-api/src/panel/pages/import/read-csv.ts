import { parse } from "csv-parse/sync";
import { type NewCustomer, readNewCustomer } from "../new-customer/read-form.ts";
import type { NewCustomerProblem } from "../new-customer/view.ts";

/** A problem of the whole file. */
export type FileProblem = "empty" | "notCsv" | "noColumns" | "tooManyRows";

export type RowProblem = {
  readonly line: number;
  readonly problems: readonly (NewCustomerProblem | "repeatedId")[];
};

export type ReadCsv =
  | { readonly kind: "unreadable"; readonly problem: FileProblem }
  | {
      readonly kind: "read";
      readonly customers: readonly NewCustomer[];
      readonly wrong: readonly RowProblem[];
    };

export const maxRows = 10_000;

type Column = "customer_name" | "customer_email" | "customer_phone" | "customer_id";

/** What a column may be called, in lower case and without accents. */
const columnNames: Readonly<Record<Column, readonly string[]>> = {
  customer_name: ["customer_name", "nombre", "negocio", "empresa", "name", "business", "nome"],
  customer_email: ["customer_email", "correo", "email", "e-mail", "mail"],
  customer_phone: ["customer_phone", "telefono", "whatsapp", "celular", "phone", "telefone"],
  customer_id: ["customer_id", "id", "identificador", "identifier"],
};

type Row = { readonly record: Readonly<Record<string, string>>; readonly info: { readonly lines: number } };

/**
 * Reads customers from a CSV file as spreadsheets save it: with or without a byte order mark, with commas, semicolons or
 * tabs, a first line with names of columns. Every row is read, so that all problems are named at once.
 */
export function readCsv(text: string): ReadCsv {
  const rows = parseRows(text);
  if (rows === undefined) return { kind: "unreadable", problem: "notCsv" };
  const [first] = rows;
  if (first === undefined) return { kind: "unreadable", problem: "empty" };
  if (rows.length > maxRows) return { kind: "unreadable", problem: "tooManyRows" };
  if (first.record.customer_name === undefined || first.record.customer_email === undefined)
    return { kind: "unreadable", problem: "noColumns" };
  const customers: NewCustomer[] = [];
  const wrong: RowProblem[] = [];
  const seen = new Set<string>();
  for (const { record, info } of rows) {
    const read = readRow(record);
    const problems = "problems" in read ? Object.values(read.problems) : [];
    const found = problems.filter((problem) => problem !== undefined);
    if ("problems" in read) wrong.push({ line: info.lines, problems: found });
    else if (seen.has(read.customer_id)) wrong.push({ line: info.lines, problems: ["repeatedId"] });
    else {
      seen.add(read.customer_id);
      customers.push(read);
    }
  }
  return { kind: "read", customers, wrong };
}

function parseRows(text: string): Row[] | undefined {
  try {
    return parse(text, {
      ...{ bom: true, skip_empty_lines: true, skip_records_with_empty_values: true, trim: true, info: true },
      ...{
        delimiter: findDelimiter(text),
        relax_column_count: true,
        columns: (names: string[]) => names.map(toColumn),
      },
    }) as unknown as Row[];
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

function toColumn(name: string): string {
  const plain = name
    .normalize("NFD")
    .replaceAll(/\p{Diacritic}/gu, "")
    .trim()
    .toLowerCase();
  const column = Object.entries(columnNames).find(([, names]) => names.includes(plain));
  return column?.[0] ?? `other ${plain}`;
}

function readRow(record: Readonly<Record<string, string>>): ReturnType<typeof readNewCustomer> {
  const cell = (column: Column) => record[column] ?? "";
  return readNewCustomer({
    ...{ customer_name: cell("customer_name"), customer_email: cell("customer_email") },
    ...{ customer_phone: cell("customer_phone"), customer_id: cell("customer_id"), any_account: false },
  });
}
