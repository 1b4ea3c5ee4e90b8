import { isSameInterval } from "@cita/scheduling";
import type { FastifyBaseLogger } from "fastify";
import { type Calendar, CalendarError } from "../calendars/calendar.ts";
import type { Booking } from "./booking.ts";
import type { BookingTiming } from "./booking-timing.ts";
import type { Ledger } from "./ledger.ts";

export type SweeperDeps = {
  ledger: Ledger;
  calendar: Calendar;
  logger: FastifyBaseLogger;
  timing: BookingTiming;
};

export type Sweeper = {
  start(): void;
  /** Resolves when the round under way has ended. */
  stop(): Promise<void>;
};

const mostInARound = 50;

/**
 * Settles what a crash or a failing calendar left between hold and confirmation. No agent was told that
 * such a booking exists, so its event is taken back and the range released; whoever asked may ask
 * again. What can't be settled now is tried again in the next round.
 */
export function createSweeper({ ledger, calendar, logger, timing }: SweeperDeps): Sweeper {
  let timer: NodeJS.Timeout | undefined;
  let round: Promise<void> = Promise.resolve();

  async function sweep(): Promise<void> {
    try {
      for (const booking of await ledger.claimAbandoned(mostInARound, timing.settleAgainMs))
        await settle(booking);
    } catch (error) {
      logger.error({ err: error }, "holds couldn't be swept");
    }
  }

  async function settle(booking: Booking): Promise<void> {
    try {
      await (booking.moves === null ? takeBack(booking) : followMove(booking, booking.moves));
    } catch (error) {
      // A calendar that was disconnected is out of our reach for good.
      if (!(error instanceof CalendarError) || error.code !== "not_connected") {
        logger.warn({ err: error, booking_id: booking.id }, "a hold couldn't be settled; it is tried again");
        return;
      }
    }
    await ledger.release(booking);
  }

  async function takeBack({ customerId, eventId }: Booking): Promise<void> {
    await calendar.removeEvent(customerId, eventId);
  }

  /** Nobody was told how a move ended, so the calendar says it. */
  async function followMove(move: Booking, movedId: string): Promise<void> {
    const booking = await ledger.find(move.customerId, movedId);
    if (booking?.status !== "confirmed") return;
    const event = await calendar.findEvent(move.customerId, booking.eventId, booking.timeZone ?? "UTC");
    if (event.kind === "gone") await ledger.follow(booking, undefined);
    if (event.kind !== "standing") return;
    if (isSameInterval(event, move)) await ledger.follow(booking, event, move.seat);
    else if (!isSameInterval(event, booking)) await ledger.follow(booking, event);
  }

  return {
    start() {
      round = sweep();
      timer = setInterval(() => {
        round = round.then(sweep);
      }, timing.sweepIntervalMs);
    },
    async stop() {
      clearInterval(timer);
      await round;
    },
  };
}
