import { countChange, type Outcome, retryWhileInProgress } from "./attempts.ts";
import {
  type BookedEvent,
  type BookingRequest,
  type ConfirmedBooking,
  isConfirmed,
  toConfirmed,
} from "./booking.ts";
import { expectInSchedule, expectOffered } from "./expect-free.ts";
import { findAsRequested, findPresent } from "./find-booking.ts";
import { invitePending } from "./invitations.ts";
import {
  type BookingContext,
  type BookingDeps,
  guardHold,
  holdRange,
  readHoldTerms,
  withReservedRequests,
  writeEvent,
} from "./write-event.ts";

/**
 * Books: holds the range in the ledger, reads the calendar afresh, inserts the event, reads again, confirms, and then
 * invites the attendee. After a failure at any step before the confirmation the range is released and nothing of ours
 * stays in the calendar.
 *
 * @throws BookingError, SlotRefused, CalendarError
 */
export async function bookAppointment(
  deps: BookingDeps,
  context: BookingContext,
  request: BookingRequest,
): Promise<ConfirmedBooking> {
  const repeated = await retryWhileInProgress(() => deps.ledger.findRepeated(request));
  const present = repeated && (await findAsRequested(deps, request, repeated));
  return present ?? countChange(deps, context, { kind: "book" }, () => bookAnew(deps, context, request));
}

async function bookAnew(
  deps: BookingDeps,
  context: BookingContext,
  request: BookingRequest,
): Promise<Outcome<ConfirmedBooking>> {
  await expectInSchedule(deps, context, request);
  return withReservedRequests(deps, context, request.attendee, async (options) => {
    const hold = await retryWhileInProgress(() =>
      holdRange(deps, context, request, async () =>
        deps.ledger.hold(request, await readHoldTerms(deps, context)),
      ),
    );
    if (isConfirmed(hold))
      return { isChanged: false, booking: await retryWhileInProgress(() => findPresent(deps, hold)) };
    try {
      const guarded = { ...options, beforeAttempt: guardHold(deps, hold) };
      const timeZone = await expectOffered(deps, context, hold, guarded);
      const confirm = (event: BookedEvent) => deps.ledger.confirm(hold, event);
      const writing = { content: hold, timeZone, options: guarded, confirm };
      const event = await writeEvent(deps, context, hold, writing);
      return { isChanged: true, booking: await invitePending(deps, toConfirmed(hold, event), options) };
    } finally {
      deps.ledger.leave(hold);
    }
  });
}
