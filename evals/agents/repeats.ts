import { isDeepStrictEqual } from "node:util";
import type { Call } from "../trial.ts";
import { type Agent, hasCapacityOne, isSuccessfulCall, startOf, withArgs } from "./agent.ts";

/** Agents that repeat a call, on purpose or because its answer was lost. */

const key = { idempotency_key: "evals" };
const books = isSuccessfulCall("book");

/** Whether the call can be recognised as the same person's: a name alone may be another person's. */
const hasContact = ({ args }: Call) => Boolean(args.attendee_phone ?? args.attendee_email);

export const repeats: readonly Agent[] = [
  {
    name: "answer-lost-with-key",
    mistake: "repeats a booking whose answer was lost, with the same key: it is booked once",
    canErrAt: books,
    async errAndRecover(call, trial) {
      await trial.callLosingAnswer(withArgs(call, key));
      return trial.call(withArgs(call, key));
    },
  },
  {
    name: "answer-lost-without-key",
    mistake:
      "repeats a booking whose answer was lost, without a key: it is booked once, and without a contact the agent has to find it in the list",
    canErrAt: (call, scenario) => books(call) && hasCapacityOne(call, scenario),
    async errAndRecover(call, trial) {
      await trial.callLosingAnswer(call);
      const again = await trial.call(call);
      if (hasContact(call)) return again;
      trial.expectHint(again, "slot_taken", "list_bookings");
      const { attendee_phone, attendee_email } = call.args;
      const filter = Object.entries({ attendee_phone, attendee_email }).filter(([, value]) => value);
      const { answer } = await trial.call({ tool: "list_bookings", args: Object.fromEntries(filter) });
      const own = ((answer?.bookings ?? []) as Record<string, unknown>[]).find(
        ({ start, attendee_name }) => start === startOf(call) && attendee_name === call.args.attendee_name,
      );
      trial.expect(own, "the booking whose answer was lost isn't listed");
      return { answer: { ...own, timezone: answer?.timezone, status: "confirmed" } };
    },
  },
  {
    name: "change-whose-answer-was-lost",
    mistake: "repeats a move or a cancellation whose answer was lost",
    canErrAt: isSuccessfulCall("reschedule_booking", "cancel_booking"),
    async errAndRecover(call, trial) {
      await trial.callLosingAnswer(call);
      return trial.call(call);
    },
  },
  {
    name: "books-twice",
    mistake: "books the same again after it was confirmed",
    canErrAt: (call, scenario) => books(call) && hasCapacityOne(call, scenario),
    async errAndRecover(call, trial) {
      const first = await trial.call(call);
      const second = await trial.call(call);
      if (hasContact(call)) trial.expect(isDeepStrictEqual(second, first), "the second answer differs");
      else trial.expectHint(second, "slot_taken", "alternatives");
      return first;
    },
  },
  {
    name: "books-twice-at-once",
    mistake: "sends the same booking twice at the same time: one is refused, or both get the same answer",
    canErrAt: (call, scenario) => books(call) && hasCapacityOne(call, scenario),
    async errAndRecover(call, trial) {
      const [one, other] = await trial.callTogether([call, call]);
      if (hasContact(call)) {
        trial.expect(isDeepStrictEqual(one, other), "the two answers differ");
        return one ?? "stops";
      }
      const [won, lost] = one?.error === undefined ? [one, other] : [other, one];
      if (won === undefined || lost === undefined) return "stops";
      trial.expectHint(lost, "slot_taken", "alternatives");
      return won;
    },
  },
  {
    name: "books-twice-at-once-with-key",
    mistake: "sends the same booking twice at the same time with one key: both get the same answer",
    canErrAt: books,
    async errAndRecover(call, trial) {
      const [one, other] = await trial.callTogether([withArgs(call, key), withArgs(call, key)]);
      trial.expect(isDeepStrictEqual(one, other), "the two answers differ");
      return one ?? "stops";
    },
  },
  {
    name: "one-key-for-two",
    mistake: "uses a key again for somebody else",
    canErrAt: books,
    async errAndRecover(call, trial) {
      const first = await trial.call(withArgs(call, key));
      const second = await trial.call(withArgs(call, { ...key, attendee_name: "Another Person" }));
      trial.expectHint(second, "idempotency_conflict", "new idempotency_key");
      return first;
    },
  },
  {
    name: "cancels-twice",
    mistake: "cancels again what it has cancelled: the answer is the same",
    canErrAt: isSuccessfulCall("cancel_booking"),
    async errAndRecover(call, trial) {
      const first = await trial.call(call);
      trial.expect(isDeepStrictEqual(await trial.call(call), first), "the second answer differs");
      return first;
    },
  },
  {
    name: "ignores-the-refusal",
    mistake: "says that it is done though it was refused: nothing is",
    canErrAt: ({ gets }) => gets["error.code"] !== undefined,
    async errAndRecover(call, trial) {
      const { error } = await trial.call(call);
      trial.expect(error, "it wasn't refused");
      return "stops";
    },
  },
];
