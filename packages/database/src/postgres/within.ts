/**
 * What the promise resolves to, if it does in time. Nothing is cancelled.
 * @param onLate makes the error that is thrown otherwise.
 */
export async function within<T>(promise: Promise<T>, limitMs: number, onLate: () => Error): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(onLate()), limitMs);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
    // Nobody hears of it any more.
    promise.catch(() => undefined);
  }
}
