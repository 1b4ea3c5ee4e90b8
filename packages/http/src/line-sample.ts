/** Limits how many log lines of a kind are written in a window, and reports how many were left out. */
export type LineSample = {
  /** @returns whether a line of this kind may be written now. */
  take(kind: string | number): boolean;
};

export type LineSampleOptions = {
  /** How many lines of each kind are written in one window. */
  most: number;
  /** Default: 1 second. */
  windowMs?: number;
  /** Told at the end of a window of what was left out in it. */
  summarise: (kind: string | number, leftOut: number) => void;
};

type Window = { written: number; leftOut: number };

/** @param options kinds must be few: each is remembered for the length of a window. */
export function createLineSample({ most, windowMs = 1_000, summarise }: LineSampleOptions): LineSample {
  const windows = new Map<string | number, Window>();

  function open(kind: string | number): Window {
    const window = { written: 0, leftOut: 0 };
    windows.set(kind, window);
    setTimeout(() => {
      windows.delete(kind);
      if (window.leftOut > 0) summarise(kind, window.leftOut);
    }, windowMs).unref();
    return window;
  }

  return {
    take(kind) {
      const window = windows.get(kind) ?? open(kind);
      if (window.written >= most) {
        window.leftOut++;
        return false;
      }
      window.written++;
      return true;
    },
  };
}
