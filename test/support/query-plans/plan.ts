/** How an engine reads a table for one query. */
export type TableRead = {
  readonly table: string;
  /** Undefined: the whole table is read. */
  readonly index: string | undefined;
  /** Whether the index leads to the rows. False: all of the table or of the index is read, up to a limit if there is one. */
  readonly isSearch: boolean;
};

/** An SQL text that a service has run, with what the engine did. */
export type PlannedQuery = {
  readonly text: string;
  /** Every way in which it was run: parameters may change the plan. */
  readonly reads: readonly TableRead[];
  /** The most of one run. Undefined: the engine doesn't say. */
  readonly rowsRead: number | undefined;
  readonly pagesRead: number | undefined;
};

/** Records the plans of all that the services run in this process. */
export type PlanRecorder = {
  start(): void;
  /** @returns the queries since the start, and ends the recording. */
  stop(): PlannedQuery[];
};
