import type { Compilable, Kysely } from "kysely";

/**
 * Compiles a query for one row to SQL once: Kysely takes longer to compile it than SQLite to answer.
 * @param query with any values in the place of its parameters.
 * @returns runs the query with other parameters, in the order in which they stand in it.
 */
export function prepareQuery<Tables, Row>(db: Kysely<Tables>, query: Compilable<Row>) {
  const compiled = query.compile();
  return async (...parameters: readonly unknown[]): Promise<Row | undefined> => {
    const { rows } = await db.executeQuery<Row>({ ...compiled, parameters });
    return rows[0];
  };
}
