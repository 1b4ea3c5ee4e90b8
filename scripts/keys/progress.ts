import type { RotationProgress } from "@cita/token-store";

const betweenLinesMs = 1_000;

/** Prints the first batch, then a line a second at most. */
export function createProgressPrinter(
  print: (line: string) => void,
  now = () => performance.now(),
): (progress: RotationProgress) => void {
  let last = Number.NEGATIVE_INFINITY;
  return ({ done, total }) => {
    if (now() - last < betweenLinesMs) return;
    last = now();
    print(`${done} of ${total} rows\n`);
  };
}
