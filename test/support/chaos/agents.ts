import { setTimeout as sleep } from "node:timers/promises";
import type { Random } from "../fuzzing/random.ts";
import type { CalendarProcess, ToolOutcome } from "../process-world.ts";

/** What agents have asked for and were told of one booking. */
export type Story = {
  readonly bookingId: string;
  readonly eventId: string;
  readonly customer: string;
  /** Where somebody was told that it is, or wanted it to be. */
  readonly starts: Set<number>;
  /** Somebody wanted it cancelled, whatever came of it. */
  wantedCancelled: boolean;
  /** Somebody was told that it is cancelled. */
  cancelled: boolean;
};

export type Told = {
  readonly stories: ReadonlyMap<string, Story>;
  /** Errors that didn't say what to do next. */
  readonly speechless: unknown[];
  /** Errors that say that a repetition is in vain, and requests that failed though their connection held. */
  readonly final: unknown[];
  /** How long each answer took. */
  readonly durationsMs: readonly number[];
  readonly counts: Record<string, number>;
};

type AgentOptions = {
  random: Random;
  customer: string;
  /** The times that everybody wants. */
  starts: readonly string[];
  services: () => readonly CalendarProcess[];
  until: number;
};

const mostRepeats = 3;

/** Agents that book, move and cancel, and repeat what they are told to. */
export function createAgents() {
  const stories = new Map<string, Story>();
  const speechless: unknown[] = [];
  const final: unknown[] = [];
  const durationsMs: number[] = [];
  const counts: Record<string, number> = {};

  function note(tool: string, outcome: ToolOutcome | undefined): void {
    const what = `${tool}: ${outcome?.error?.code ?? (outcome === undefined ? "no answer" : "done")}`;
    counts[what] = (counts[what] ?? 0) + 1;
    if (outcome?.error && !/\w/.test(outcome.error.next_step ?? "")) speechless.push(outcome.error);
    if (outcome?.error && outcome.error.retryable !== true) final.push(outcome.error);
  }

  /**
   * Of a process that has ended `fetch` says nothing but that. One that stood still while a request arrived may answer 408,
   * which is an invitation to send it again (RFC 9110, section 15.5.9).
   */
  function noteFailure(error: unknown): undefined {
    const isRepeatable = error instanceof TypeError || (error instanceof Error && error.cause === 408);
    if (!isRepeatable) final.push(error);
  }

  async function run({ random, customer, starts, services, until }: AgentOptions): Promise<void> {
    const call = async (tool: string, args: object, repeats: number): Promise<ToolOutcome | undefined> => {
      for (let tries = 0; ; tries++) {
        const begun = performance.now();
        const outcome = await random.pick(services()).call(customer, tool, args).catch(noteFailure);
        durationsMs.push(performance.now() - begun);
        note(tool, outcome);
        const isWorthIt = outcome === undefined || outcome.error?.retryable === true;
        if (!isWorthIt || tries >= repeats || performance.now() > until) return outcome;
        await sleep(random.below(400));
      }
    };

    async function book(): Promise<void> {
      const start_iso = random.pick(starts);
      const hasKey = random.chance(0.6);
      const args = {
        ...{ start_iso, attendee_name: `Agent ${random.below(1_000_000)}` },
        ...(hasKey && { idempotency_key: `key ${random.below(1_000_000)}` }),
      };
      // Without a key a booking that got no answer isn't repeated: nobody knows whether it was made.
      const outcome = await call("book", args, hasKey ? mostRepeats : 0);
      if (outcome?.answer === undefined) return;
      const { booking_id: bookingId, event_id: eventId, start } = outcome.answer;
      const known = stories.get(bookingId);
      known?.starts.add(Date.parse(start));
      if (known !== undefined) return;
      const story = { bookingId, eventId, customer, wantedCancelled: false, cancelled: false };
      stories.set(bookingId, { ...story, starts: new Set([Date.parse(start)]) });
    }

    async function move(story: Story): Promise<void> {
      const start_iso = random.pick(starts);
      story.starts.add(Date.parse(start_iso));
      await call("reschedule_booking", { booking_id: story.bookingId, start_iso }, mostRepeats);
    }

    async function cancel(story: Story): Promise<void> {
      story.wantedCancelled = true;
      const outcome = await call("cancel_booking", { booking_id: story.bookingId }, mostRepeats);
      if (outcome?.answer?.status === "cancelled") story.cancelled = true;
    }

    while (performance.now() < until) {
      const own = [...stories.values()].filter((story) => story.customer === customer && !story.cancelled);
      const choice = random.below(100);
      if (own.length === 0 || choice < 45) await book();
      else if (choice < 70) await move(random.pick(own));
      else if (choice < 90) await cancel(random.pick(own));
      else await call("list_bookings", {}, 0);
      await sleep(random.below(250));
    }
  }

  return { run, told: { stories, speechless, final, durationsMs, counts } satisfies Told };
}
