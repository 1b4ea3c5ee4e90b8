/**
 * @returns resolves at the end of the event loop's turn, for all who ask in the same turn at once. What is
 * sent then leaves together: the first answer wakes whoever waits for it, and the others find them awake.
 * Sent each as it is ready, each wakes them, which on a virtual machine costs a fifth of what an answer does.
 */
export function createTurnEnd(): () => Promise<void> {
  let end: Promise<void> | undefined;
  return () => {
    end ??= new Promise((resolve) => {
      setImmediate(() => {
        end = undefined;
        resolve();
      });
    });
    return end;
  };
}
