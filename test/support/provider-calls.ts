import type { FastifyInstance, FastifyRequest } from "fastify";

/** What is asked of the calendar, and `token`: a code's exchange or a refresh. */
export type ProviderCall = "list" | "get" | "insert" | "patch" | "delete" | "token";

/** What a test does while a call is under way: the call waits for it. */
export type Interruption = () => Promise<unknown>;

export type InterruptionOptions = {
  /** The how-manieth such call from now on. Default: the first. */
  nth?: number | undefined;
  /** The connection breaks afterwards: the call, or its answer, never arrives. */
  lost?: boolean;
  /** Told when the call has been answered, where it was interrupted before anything was done. */
  answered?: () => void;
};

/** The calls our service makes to a local provider, and a hand on each of them. */
export type ProviderCalls = {
  /** Acts once when a call has arrived and nothing is done yet. */
  before(call: ProviderCall, act: Interruption, options?: InterruptionOptions): void;
  /** Acts once when a call has been done and isn't answered yet. */
  after(call: ProviderCall, act: Interruption, options?: InterruptionOptions): void;
  /** The calls since the last look, in the order they arrived. */
  take(): ProviderCall[];
  /** The same, each with the id of the request that it was made for. */
  takeWithIds(): { call: ProviderCall; requestId: unknown }[];
  /** To be done before the sandbox listens. */
  watch(sandbox: FastifyInstance): void;
};

/** What a business does itself isn't one of our calls. */
export const ownerAgent = "owner";

type Planned = {
  call: ProviderCall;
  moment: "before" | "after";
  left: number;
  act: Interruption;
  lost: boolean;
  answered: (() => void) | undefined;
};

/** @param findCall what a request asks; undefined: nothing of these. */
export function createProviderCalls(
  findCall: (request: { method: string; path: string }) => ProviderCall | undefined,
): ProviderCalls {
  let seen: { call: ProviderCall; requestId: unknown }[] = [];
  let planned: Planned[] = [];

  /** All plans for this call count it; the first that is due is carried out. */
  function due(moment: Planned["moment"], call: ProviderCall | undefined): Planned | undefined {
    const counting = planned.filter((plan) => plan.moment === moment && plan.call === call);
    for (const plan of counting) plan.left--;
    const plan = counting.find(({ left }) => left <= 0);
    planned = planned.filter((one) => one !== plan);
    return plan;
  }

  function takeAll() {
    const calls = seen;
    seen = [];
    return calls;
  }

  const plan =
    (moment: Planned["moment"]): ProviderCalls["before"] =>
    (call, act, { nth = 1, lost = false, answered } = {}) => {
      planned.push({ call, moment, left: nth, act, lost, answered });
    };

  function callOf({ method, url, headers }: FastifyRequest): ProviderCall | undefined {
    const call = findCall({ method, path: url.split("?", 1)[0] ?? url });
    return call !== "token" && headers["user-agent"] === ownerAgent ? undefined : call;
  }

  return {
    before: plan("before"),
    after: plan("after"),
    take: () => takeAll().map(({ call }) => call),
    takeWithIds: takeAll,
    watch(sandbox) {
      sandbox.addHook("onRequest", async (request) => {
        const call = callOf(request);
        if (call !== undefined) seen.push({ call, requestId: request.headers["x-request-id"] });
      });
      // Its body has arrived by then, so that it can be done even if the caller is gone.
      sandbox.addHook("preHandler", async (request, reply) => {
        const plan = due("before", callOf(request));
        await carryOut(plan);
        if (plan?.answered !== undefined) reply.raw.once("finish", plan.answered);
        if (!plan?.lost) return undefined;
        reply.hijack();
        reply.raw.destroy();
        return reply;
      });
      sandbox.addHook("onSend", (request, reply, payload, done) => {
        const plan = due("after", callOf(request));
        const answer = () => (plan?.lost ? reply.raw.destroy() : done(null, payload));
        if (plan === undefined) answer();
        else void carryOut(plan).then(answer);
      });
    },
  };
}

/** What fails in it is the test's own fault: it must not pass for one of the provider's. */
async function carryOut(plan: Planned | undefined): Promise<void> {
  try {
    await plan?.act();
  } catch (error) {
    setImmediate(() => {
      throw error;
    });
  }
}
