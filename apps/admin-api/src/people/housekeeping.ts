import { type BackgroundLoop, createBackgroundLoop, type Logger } from "@cita/process";
import { hourMs } from "@cita/scheduling";

/** Deletes each hour what has ended by itself: sessions, links, counts. Whatever process does it, it is done once. */
export function createHousekeeping(
  purges: readonly (() => Promise<number>)[],
  logger: Logger,
): BackgroundLoop {
  return createBackgroundLoop(async (stopping) => {
    for (const purge of purges) {
      if (stopping.aborted) break;
      await purge().catch((err: unknown) => logger.error({ err }, "what has ended can't be deleted for now"));
    }
    return hourMs;
  });
}
