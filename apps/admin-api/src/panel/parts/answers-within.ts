/** How long a page waits for what it can be shown without. */
const pageWaitMs = 1_000;

/** @returns what comes of a promise, or `late` where nothing has come of it in time. */
export async function answersWithin<Value, Late>(promise: Promise<Value>, late: Late): Promise<Value | Late> {
  const timeout = Promise.withResolvers<Late>();
  const timer = setTimeout(timeout.resolve, pageWaitMs, late);
  try {
    return await Promise.race([promise, timeout.promise]);
  } finally {
    clearTimeout(timer);
  }
}
