import { isDeepStrictEqual } from "node:util";
import type { Call } from "../talk.ts";
import { type Agent, isForOne, isOf, startOf, withArgs } from "./agent.ts";

/** Agents that call more than once, knowing it or not. */

const key = { idempotency_key: "evals" };
const books = isOf("book");

/** Who has neither can't be told from another of the same name. */
const isOfKnownPerson = ({ args }: Call) => Boolean(args.attendee_phone ?? args.attendee_email);

export const repeats: readonly Agent[] = [
  {
    name: "answer-lost-with-key",
    mistake: "repeats a booking whose answer was lost, with the same key: it is booked once",
    errsAt: books,
    async err(call, talk) {
      await talk.callInVain(withArgs(call, key));
      return talk.call(withArgs(call, key));
    },
  },
  {
    name: "answer-lost-without-key",
    mistake:
      "repeats a booking whose answer was lost, without a key: it is booked once, or it must find its own",
    errsAt: (call, scene) => books(call) && isForOne(call, scene),
    async err(call, talk) {
      await talk.callInVain(call);
      const again = await talk.call(call);
      if (isOfKnownPerson(call)) return again;
      talk.expectHint(again, "slot_taken", "list_bookings");
      const { attendee_phone, attendee_email } = call.args;
      const filter = Object.entries({ attendee_phone, attendee_email }).filter(([, value]) => value);
      const { answer } = await talk.call({ tool: "list_bookings", args: Object.fromEntries(filter) });
      const mine = ((answer?.bookings ?? []) as Record<string, unknown>[]).find(
        ({ start, attendee_name }) => start === startOf(call) && attendee_name === call.args.attendee_name,
      );
      talk.expect(mine, "the booking whose answer was lost isn't listed");
      return { answer: { ...mine, timezone: answer?.timezone, status: "confirmed" } };
    },
  },
  {
    name: "change-whose-answer-was-lost",
    mistake: "repeats a move or a cancellation whose answer was lost",
    errsAt: isOf("reschedule_booking", "cancel_booking"),
    async err(call, talk) {
      await talk.callInVain(call);
      return talk.call(call);
    },
  },
  {
    name: "books-twice",
    mistake: "books the same again after it was confirmed",
    errsAt: (call, scene) => books(call) && isForOne(call, scene),
    async err(call, talk) {
      const first = await talk.call(call);
      const second = await talk.call(call);
      if (isOfKnownPerson(call))
        talk.expect(isDeepStrictEqual(second, first), "the second answer is another one");
      else talk.expectHint(second, "slot_taken", "alternatives");
      return first;
    },
  },
  {
    name: "books-twice-at-once",
    mistake: "sends the same booking twice at the same moment: one is refused, or both are told of the same",
    errsAt: (call, scene) => books(call) && isForOne(call, scene),
    async err(call, talk) {
      const [one, other] = await talk.callTogether([call, call]);
      if (isOfKnownPerson(call)) {
        talk.expect(isDeepStrictEqual(one, other), "they were told different things");
        return one ?? "stops";
      }
      const [won, lost] = one?.error === undefined ? [one, other] : [other, one];
      if (won === undefined || lost === undefined) return "stops";
      talk.expectHint(lost, "slot_taken", "alternatives");
      return won;
    },
  },
  {
    name: "books-twice-at-once-with-key",
    mistake:
      "sends the same booking twice at the same moment with one key: both are told of the same booking",
    errsAt: books,
    async err(call, talk) {
      const [one, other] = await talk.callTogether([withArgs(call, key), withArgs(call, key)]);
      talk.expect(isDeepStrictEqual(one, other), "they were told different things");
      return one ?? "stops";
    },
  },
  {
    name: "one-key-for-two",
    mistake: "uses a key again for somebody else",
    errsAt: books,
    async err(call, talk) {
      const first = await talk.call(withArgs(call, key));
      const second = await talk.call(withArgs(call, { ...key, attendee_name: "Another Person" }));
      talk.expectHint(second, "idempotency_conflict", "new idempotency_key");
      return first;
    },
  },
  {
    name: "cancels-twice",
    mistake: "cancels again what it has cancelled: the answer is the same",
    errsAt: isOf("cancel_booking"),
    async err(call, talk) {
      const first = await talk.call(call);
      talk.expect(isDeepStrictEqual(await talk.call(call), first), "the second answer is another one");
      return first;
    },
  },
  {
    name: "ignores-the-refusal",
    mistake: "says that it is done though it was refused: nothing is",
    errsAt: ({ gets }) => gets["error.code"] !== undefined,
    async err(call, talk) {
      const { error } = await talk.call(call);
      talk.expect(error, "it wasn't refused");
      return "stops";
    },
  },
];
