/** How often each endpoint was called since the last reset. */
export type CallCount = {
  count(method: string, path: string): void;
  report(): CallReport;
  reset(): void;
};

/** `by` has one entry for each `METHOD /path` as requested, without its query. */
export type CallReport = { total: number; by: Record<string, number> };

export function createCallCount(): CallCount {
  const calls = new Map<string, number>();
  let total = 0;
  return {
    count(method, path) {
      const key = `${method} ${path}`;
      calls.set(key, (calls.get(key) ?? 0) + 1);
      total++;
    },
    report: () => ({ total, by: Object.fromEntries(calls) }),
    reset() {
      calls.clear();
      total = 0;
    },
  };
}
