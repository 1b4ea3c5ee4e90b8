import type { Customer, CustomerList } from "../../../customers/customer-list.ts";
import type { ImportedRow, RowProblem } from "./read-csv.ts";

/** Why a row isn't taken as a correction of the customer that has its id. */
export type Conflict = "nameTaken" | "otherEmail";

/** Ids that are looked up with one query. */
const idsPerQuery = 500;

/** Finds the rows whose ids other customers have. Also what is stored later counts: `save` has to ask again. */
export async function findConflicts(
  { search }: Pick<CustomerList, "search">,
  rows: readonly ImportedRow[],
): Promise<RowProblem[]> {
  const found: RowProblem[] = [];
  for (let i = 0; i < rows.length; i += idsPerQuery) {
    const some = rows.slice(i, i + idsPerQuery);
    const ids = some.map(({ customer }) => customer.customer_id);
    const stored = await search({ scope: { kind: "all" }, ids, limit: ids.length });
    const storedById = new Map(stored.map((one) => [one.customer_id, one]));
    for (const one of some) {
      const conflict = conflictOf(one, storedById.get(one.customer.customer_id));
      if (conflict !== undefined) found.push({ row: one.row, problems: [conflict] });
    }
  }
  return found;
}

/**
 * Whoever has a customer's link may connect a calendar for it, so that a row must not reach the customer of another
 * business. A typed id and its address are the customer's. An id that is made of a name may be anybody's: only a row that
 * repeats the name and the address is the customer's.
 */
export function conflictOf(
  { idIsTyped, customer }: ImportedRow,
  stored: Pick<Customer, "customer_name" | "customer_email"> | undefined,
): Conflict | undefined {
  if (stored === undefined) return undefined;
  const hasSameEmail = stored.customer_email.toLowerCase() === customer.customer_email.toLowerCase();
  if (idIsTyped) return hasSameEmail ? undefined : "otherEmail";
  return hasSameEmail && stored.customer_name === customer.customer_name ? undefined : "nameTaken";
}
