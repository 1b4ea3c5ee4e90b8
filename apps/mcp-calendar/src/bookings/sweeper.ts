import type { FastifyBaseLogger } from "fastify";
import { type Calendar, CalendarError } from "../calendars/calendar.ts";
import type { Booking } from "./booking.ts";
import type { Ledger } from "./ledger.ts";

export type SweeperDeps = {
  ledger: Ledger;
  calendar: Calendar;
  logger: FastifyBaseLogger;
  /** How often it looks. */
  intervalMs: number;
};

export type Sweeper = {
  start(): void;
  /** Resolves when the round under way has ended. */
  stop(): Promise<void>;
};

const mostInARound = 50;

/**
 * Settles bookings that a crash or a failing calendar left between hold and confirmation. Nobody was
 * told that they exist, so their event is taken back and the range released; whoever asked may ask
 * again. What can't be taken back now is tried again in the next round.
 */
export function createSweeper({ ledger, calendar, logger, intervalMs }: SweeperDeps): Sweeper {
  let timer: NodeJS.Timeout | undefined;
  let round: Promise<void> = Promise.resolve();

  async function sweep(): Promise<void> {
    try {
      for (const booking of await ledger.claimAbandoned(mostInARound)) await settle(booking);
    } catch (error) {
      logger.error({ err: error }, "holds couldn't be swept");
    }
  }

  async function settle(booking: Booking): Promise<void> {
    try {
      await calendar.removeEvent(booking.customerId, booking.eventId);
    } catch (error) {
      // A calendar that was disconnected is out of our reach for good.
      if (!(error instanceof CalendarError) || error.code !== "not_connected") {
        logger.warn({ err: error, booking_id: booking.id }, "a hold couldn't be settled; it is tried again");
        return;
      }
    }
    await ledger.release(booking);
  }

  return {
    start() {
      round = sweep();
      timer = setInterval(() => {
        round = round.then(sweep);
      }, intervalMs);
    },
    async stop() {
      clearInterval(timer);
      await round;
    },
  };
}
