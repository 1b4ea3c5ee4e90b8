import { type RawBuilder, sql } from "kysely";
import type { CustomerScope } from "../access/caller.ts";

/** A condition on a column with a customer's id: whether it is one that the caller may know of. */
export function isInScope(scope: CustomerScope, column: string): RawBuilder<boolean> {
  const id = sql.ref(column);
  switch (scope.kind) {
    case "all":
      return sql<boolean>`1 = 1`;
    case "one":
      return sql<boolean>`${id} = ${scope.customerId}`;
    case "of_user":
      return sql<boolean>`${id} in (select customer_id from memberships where user_id = ${scope.userId})`;
  }
}
