import { type Agent, goodAgent } from "./agents/agent.ts";
import { fillIn, findMismatches, type Outcome } from "./answer-path.ts";
import type { Conversation, ExpectedBooking } from "./conversation.ts";
import type { Look } from "./look.ts";
import type { Stage } from "./scene.ts";
import { startTalk, type Talk } from "./talk.ts";

/** What came of one agent in one conversation. */
export type Played = {
  readonly conversation: Conversation;
  readonly agent: string;
  /** None: no harm was done, and what should be is. */
  readonly problems: readonly string[];
  readonly calls: Talk["calls"];
  /** What stood for the answer of each scripted call. */
  readonly outcomes: readonly Outcome[];
};

/**
 * Plays a conversation's script, with the agent's mistake in it.
 * @param rehearsal what the good agent was answered.
 */
export async function play(
  stage: Stage,
  conversation: Conversation,
  agent: Agent = goodAgent,
  rehearsal: readonly Outcome[] = [],
): Promise<Played> {
  const talk = await startTalk(await stage.put(conversation));
  const outcomes: Outcome[] = [];
  let expected = conversation.leaves;
  try {
    let hasErred = false;
    for (const [index, step] of conversation.calls.entries()) {
      await talk.happen(step.meanwhile);
      const call = { tool: step.tool, args: fillIn(step.args, outcomes) };
      const errs: boolean = (agent.always || !hasErred) && agent.errsAt(step, talk.scene);
      hasErred ||= errs;
      const before = standing(talk.latest());
      const outcome = errs ? await agent.err(call, talk, rehearsal[index]) : await talk.call(call);
      if (outcome === "stops") {
        expected = before;
        break;
      }
      outcomes.push(outcome);
      talk.problems.push(
        ...findMismatches(outcome, step.gets).map((problem) => `call ${index + 1}: ${problem}`),
      );
    }
  } catch (error) {
    talk.problems.push(`it broke off: ${error instanceof Error ? error.message : String(error)}`);
  }
  return {
    conversation,
    agent: agent.name,
    problems: [...talk.problems, ...findDifferences(await talk.scene.look(), expected)],
    calls: talk.calls,
    outcomes,
  };
}

/** What stands in the calendar: where the business has moved something, the ledger follows at the next reading. */
function standing({ bookings, events }: Look): ExpectedBooking[] {
  return bookings.flatMap((booking) => {
    const event = events.find(({ id }) => id === booking.event_id);
    return event ? [{ ...toExpected(booking), start: new Date(event.start).toISOString() }] : [];
  });
}

function toExpected(booking: Look["bookings"][number]): ExpectedBooking {
  const { start, service, attendee_name, attendee_phone, attendee_email } = booking;
  return { start, service, attendee_name, attendee_phone, attendee_email };
}

/** Where the bookings that are differ from those that should be. */
export function findDifferences({ bookings }: Look, expected: readonly ExpectedBooking[]): string[] {
  const [found, wanted] = [bookings.map(toExpected).map(say), expected.map(say)];
  return [
    ...missingFrom(found, wanted).map((booking) => `not booked: ${booking}`),
    ...missingFrom(wanted, found).map((booking) => `booked, and shouldn't be: ${booking}`),
  ];
}

function say({ start, service, attendee_name, attendee_phone, attendee_email }: ExpectedBooking): string {
  return [new Date(start).toISOString(), service, attendee_name, attendee_phone, attendee_email].join(" ");
}

/** The texts of `wanted` that `found` lacks, each as often as it stands there. */
function missingFrom(found: readonly string[], wanted: readonly string[]): string[] {
  const left = [...found];
  return wanted.filter((text) => {
    const at = left.indexOf(text);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}
