import type { Compilable, Kysely } from "kysely";

/**
 * A query for one row that is made into SQL once, for what every call asks: to make it takes Kysely longer
 * than SQLite takes to answer.
 * @param query any values may stand where its parameters will.
 * @returns asks it with these parameters instead, in the order in which they stand in the query.
 */
export function prepareQuery<Tables, Row>(db: Kysely<Tables>, query: Compilable<Row>) {
  const compiled = query.compile();
  return async (...parameters: readonly unknown[]): Promise<Row | undefined> => {
    const { rows } = await db.executeQuery<Row>({ ...compiled, parameters });
    return rows[0];
  };
}
