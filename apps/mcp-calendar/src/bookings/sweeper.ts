import type { Logger } from "@cita/process";
import { CalendarError } from "../calendars/calendar.ts";
import type { HeartbeatTiming } from "../instances/heartbeat.ts";
import type { ConfirmedBooking, HeldBooking } from "./booking.ts";
import { type InvitationDeps, sendInvitation } from "./invitations.ts";
import { settleCancellation, settleHold } from "./settlement.ts";

/** How long the steps of a booking may take, in milliseconds. */
export type BookingTiming = HeartbeatTiming & {
  /** How long after taking a hold its event may be written: longer than all calls of a booking, each at its limit. */
  readonly holdMs: number;
  /** How often holds that no call works on are searched. Those of an instance that has just gone are settled at once. */
  readonly sweepIntervalMs: number;
  /**
   * How long a hold that couldn't be settled, or an invitation that couldn't be sent, is left alone: a calendar that is
   * down must not delay the others.
   */
  readonly settleAgainMs: number;
};

/** A crash is noticed after 6 to 8 s. Settling takes two calls, so it is done within 15 s. */
export const defaultTiming: BookingTiming = {
  holdMs: 60_000,
  sweepIntervalMs: 5_000,
  settleAgainMs: 15_000,
  beatIntervalMs: 1_500,
  missedBeats: 4,
};

export type SweeperDeps = InvitationDeps & { logger: Logger; timing: BookingTiming };

export type Sweeper = {
  start(): void;
  /** Sweeps now: an instance is gone, or a hold was abandoned. */
  wake(): void;
  /** Resolves when what is being settled has ended. */
  stop(): Promise<void>;
};

/** In one sweep. They are settled concurrently, so that a calendar that doesn't answer delays no other. */
const maxTakenOver = 50;

/**
 * Settles the holds, cancellations and invitations that a crash or a failing calendar has left half done. One that can't
 * be settled is tried again after `settleAgainMs`.
 */
export function createSweeper(deps: SweeperDeps): Sweeper {
  const { ledger, logger, timing } = deps;
  const { settle, settleCancelled, invite } = createRepairs(deps);
  /** Keyed by the booking's id. */
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
      const uninvited = await ledger.takeOverInvitations(maxTakenOver, timing.settleAgainMs);
      for (const booking of uninvited) {
        if (!begin(booking.id, () => invite(booking))) ledger.leaveInviting(booking);
      }
    } catch (error) {
      logger.error({ err: error }, "holds couldn't be swept");
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

/** Brings each to its end, and logs where that fails. None of them rejects. */
function createRepairs(deps: SweeperDeps) {
  const { ledger, logger } = deps;

  async function settle(hold: HeldBooking): Promise<void> {
    try {
      await settleHold(deps, hold).catch(async (error: unknown) => {
        // A calendar that was disconnected stays out of our reach.
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

  async function invite(booking: ConfirmedBooking): Promise<void> {
    try {
      await sendInvitation(deps, booking);
    } catch (error) {
      ledger.leaveInviting(booking);
      // The business has been told, and may leave it so until the appointment.
      if (error instanceof CalendarError && error.code === "not_connected") return;
      logger.warn(
        { err: error, booking_id: booking.id },
        "an attendee couldn't be invited yet; it is tried again",
      );
    }
  }

  return { settle, settleCancelled, invite };
}
