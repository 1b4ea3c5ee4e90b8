import type { FastifyRequest } from "fastify";
import { connectCustomer } from "../../../customer-calendars/connect-customer.ts";
import type { Customer } from "../../../customers/customer-list.ts";
import { CustomerLeavingError, CustomerTakenError } from "../../../customers/customer-store.ts";
import type { PageDeps } from "../../panel.ts";
import { viewerOf } from "../../viewer.ts";
import { isUnavailable } from "../errors/error-page.ts";
import { byteOrderMark, csvLine } from "./csv-cells.ts";
import { conflictOf } from "./find-conflicts.ts";
import type { ImportedRow } from "./read-csv.ts";
import { importWords } from "./words.ts";

/** Links that are asked for at the same time. */
const concurrency = 8;

/** The lines of the file with the links, as they are made. Making them again gives the same ones. */
export async function* writeLinks(deps: PageDeps, request: FastifyRequest, rows: readonly ImportedRow[]) {
  yield byteOrderMark + csvLine(importWords[viewerOf(request).language].headers);
  for (let i = 0; i < rows.length; i += concurrency) {
    const lines = await Promise.all(
      rows.slice(i, i + concurrency).map((row) => importRow(deps, request, row)),
    );
    yield lines.join("");
  }
}

/** @returns the row's line, with its link, or with what is wrong. */
async function importRow(deps: PageDeps, request: FastifyRequest, row: ImportedRow): Promise<string> {
  const words = importWords[viewerOf(request).language];
  let saved: Customer | undefined;
  const customers = {
    async save(customer: ImportedRow["customer"]) {
      saved = await deps.customers.save(customer, (stored) => conflictOf(row, stored) === undefined);
      return saved;
    },
  };
  try {
    const { link } = await connectCustomer({ ...deps, customers }, request.id, row.customer, {});
    return csvLine([...cellsOf(row, saved), link.shareable_link, link.expires_at, ""]);
  } catch (error) {
    return csvLine([...cellsOf(row, saved), "", "", explainFailure(error, request, row, words, saved)]);
  }
}

/** What is stored, where it is: importing the file again changes nothing. Otherwise what the file says. */
function cellsOf({ customer, idIsTyped }: ImportedRow, saved: Customer | undefined): string[] {
  const { customer_name, customer_email, customer_phone, customer_id } = saved ?? customer;
  // An id that was made of the name would be a typed one in the next import.
  const id = saved !== undefined || idIsTyped ? customer_id : "";
  return [customer_name, customer_email, customer_phone ?? "", id];
}

function explainFailure(
  error: unknown,
  request: FastifyRequest,
  row: ImportedRow,
  words: (typeof importWords)["es"],
  saved: Customer | undefined,
): string {
  if (error instanceof CustomerTakenError)
    return words.conflicts[conflictOf(row, error.stored) ?? "nameTaken"];
  if (error instanceof CustomerLeavingError) return words.leaving;
  if (!isUnavailable(error)) {
    const { customer_id } = row.customer;
    request.log.error({ err: error, customer_id }, "a customer couldn't be imported");
  }
  return saved === undefined ? words.notSaved : words.linkMissing;
}
