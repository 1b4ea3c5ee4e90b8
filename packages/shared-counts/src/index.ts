/**
 * What the instances of a service count together, for limits that protect somebody: the exchange between them
 * (`open-shared-counts.ts`) and its table (`migrations.ts`). What is counted, and what a limit is, are in packages/http.
 */

export { sharedCountMigrations } from "./migrations.ts";
export {
  openSharedCounts,
  type SharedCounts,
  type SharedCountsTiming,
  type SharedTotal,
} from "./open-shared-counts.ts";
