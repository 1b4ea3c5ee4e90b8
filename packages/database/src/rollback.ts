/**
 * On some failures, a full disk among them, SQLite rolls back by itself. A rollback after that fails, and must
 * not take the place of the error that says what was wrong.
 */
export function isAlreadyRolledBack(error: unknown): boolean {
  return error instanceof Error && error.message.includes("no transaction is active");
}
