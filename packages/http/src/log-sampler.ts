/** Limits how many log lines of a kind are written in a window, and reports how many were left out. */
export type LogSampler = {
  /** @returns whether a line of this kind may be written now. */
  take(kind: string | number): boolean;
};

export type LogSamplerOptions = {
  /** Lines of each kind that are written in one window. */
  maxLines: number;
  /** Default: 1 second. */
  windowMs?: number;
  /** Called at the end of a window in which lines were left out. */
  summarise: (kind: string | number, leftOut: number) => void;
};

type Window = { written: number; leftOut: number };

/** There must be few kinds: each takes memory for the length of a window. */
export function createLogSampler({ maxLines, windowMs = 1_000, summarise }: LogSamplerOptions): LogSampler {
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
      if (window.written >= maxLines) {
        window.leftOut++;
        return false;
      }
      window.written++;
      return true;
    },
  };
}
