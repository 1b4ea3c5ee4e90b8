import type { FastifyBaseLogger } from "fastify";
import { CalendarError } from "../calendars/calendar.ts";
import type { Booking } from "./booking.ts";
import type { BookingTiming } from "./booking-timing.ts";
import { type SettlementDeps, settleCancellation, settleHold } from "./settlement.ts";

export type SweeperDeps = SettlementDeps & { logger: FastifyBaseLogger; timing: BookingTiming };

export type Sweeper = {
  start(): void;
  /** Looks now: an instance is gone, or a hold was given up. */
  wake(): void;
  /** Resolves when what is being settled has ended. */
  stop(): Promise<void>;
};

/** In one look. Each is a customer's own affair, so that one whose calendar is silent holds up nobody. */
const maxClaimed = 50;

/**
 * Settles what a crash or a failing calendar left between hold and confirmation, and between a removal and
 * its record. What can't be settled now is tried again after a while.
 */
export function createSweeper(deps: SweeperDeps): Sweeper {
  const { ledger, logger, timing } = deps;
  /** By the booking's id. */
  const settling = new Map<string, Promise<void>>();
  let timer: NodeJS.Timeout | undefined;
  let sweeping: Promise<void> = Promise.resolve();
  let isStopped = false;

  /** One whose calendar is slow to answer is still being settled at the next look. */
  function begin(booking: Booking, work: (booking: Booking) => Promise<void>): void {
    if (settling.has(booking.id)) return;
    settling.set(
      booking.id,
      work(booking).finally(() => settling.delete(booking.id)),
    );
  }

  async function sweep(): Promise<void> {
    if (isStopped) return;
    try {
      const holds = await ledger.claimAbandoned(maxClaimed, timing.settleAgainMs);
      for (const hold of holds) begin(hold, settle);
      const cancellations = await ledger.claimCancellations(maxClaimed);
      for (const booking of cancellations) begin(booking, settleCancelled);
    } catch (error) {
      logger.error({ err: error }, "holds couldn't be swept");
    }
  }

  async function settle(hold: Booking): Promise<void> {
    try {
      await settleHold(deps, hold).catch(async (error: unknown) => {
        // A calendar that was disconnected is out of our reach for good.
        if (!(error instanceof CalendarError) || error.code !== "not_connected") throw error;
        await ledger.release(hold);
      });
    } catch (error) {
      logger.warn({ err: error, booking_id: hold.id }, "a hold couldn't be settled; it is tried again");
    }
  }

  async function settleCancelled(booking: Booking): Promise<void> {
    try {
      await settleCancellation(deps, booking);
    } catch (error) {
      logger.warn(
        { err: error, booking_id: booking.id },
        "a cancellation couldn't be settled; it is tried again",
      );
    }
  }

  function wake(): void {
    sweeping = sweeping.then(sweep);
  }

  return {
    start() {
      wake();
      timer = setInterval(wake, timing.sweepIntervalMs).unref();
    },
    wake,
    async stop() {
      isStopped = true;
      clearInterval(timer);
      await sweeping;
      await Promise.all(settling.values());
    },
  };
}
