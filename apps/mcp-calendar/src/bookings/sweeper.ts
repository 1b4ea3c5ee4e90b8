import type { Logger } from "@cita/process";
import { CalendarError } from "../calendars/calendar.ts";
import type { HeartbeatTiming } from "../instances/heartbeat.ts";
import type { ConfirmedBooking, HeldBooking } from "./booking.ts";
import { type SettlementDeps, settleCancellation, settleHold } from "./settlement.ts";

/** How long the steps of a booking may take, in milliseconds. */
export type BookingTiming = HeartbeatTiming & {
  /** How long after a hold was taken its calendar may be written: longer than all calls of a booking together, each at its limit. */
  readonly holdMs: number;
  /** How often holds that no call works on are searched, beside those of an instance that has just gone. */
  readonly sweepIntervalMs: number;
  /** How long one that couldn't be settled is left alone: a calendar that is down must not hold up the others. */
  readonly settleAgainMs: number;
};

/** An instance that ends is noticed after six to eight seconds: with two calls to settle, well within fifteen. */
export const defaultTiming: BookingTiming = {
  holdMs: 60_000,
  sweepIntervalMs: 5_000,
  settleAgainMs: 15_000,
  beatIntervalMs: 1_500,
  missedBeats: 4,
};

export type SweeperDeps = SettlementDeps & { logger: Logger; timing: BookingTiming };

export type Sweeper = {
  start(): void;
  /** Sweeps now: an instance is gone, or a hold was given up. */
  wake(): void;
  /** Resolves when what is being settled has ended. */
  stop(): Promise<void>;
};

/** In one sweep. They are settled side by side, so that a calendar that doesn't answer holds up no other. */
const maxTakenOver = 50;

/**
 * Settles what a crash or a failing calendar left between hold and confirmation, and between a removal and
 * its record. What can't be settled now is tried again after `settleAgainMs`.
 */
export function createSweeper(deps: SweeperDeps): Sweeper {
  const { ledger, logger, timing } = deps;
  /** By the booking's id. */
  const settling = new Map<string, Promise<void>>();
  let timer: NodeJS.Timeout | undefined;
  let sweeping: Promise<void> = Promise.resolve();
  let isStopped = false;

  /** @returns false for a booking that an earlier sweep is still settling, because its calendar is slow to answer. */
  function begin(id: string, settle: () => Promise<void>): boolean {
    if (settling.has(id)) return false;
    settling.set(
      id,
      settle().finally(() => settling.delete(id)),
    );
    return true;
  }

  async function sweep(): Promise<void> {
    if (isStopped) return;
    try {
      const holds = await ledger.takeOverAbandoned(maxTakenOver, timing.settleAgainMs);
      for (const hold of holds) begin(hold.id, () => settle(hold));
      const cancellations = await ledger.takeOverCancellations(maxTakenOver);
      for (const booking of cancellations) {
        if (!begin(booking.id, () => settleCancelled(booking))) ledger.leaveCancelling(booking);
      }
    } catch (error) {
      logger.error({ err: error }, "holds couldn't be swept");
    }
  }

  async function settle(hold: HeldBooking): Promise<void> {
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

  async function settleCancelled(booking: ConfirmedBooking): Promise<void> {
    try {
      await settleCancellation(deps, booking);
    } catch (error) {
      ledger.leaveCancelling(booking);
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
