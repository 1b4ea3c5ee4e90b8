import { type Answer, createSender, type Outcome } from "./exchange.ts";
import { describeRequest, type FuzzRequest, type Service } from "./fuzz-request.ts";
import type { RequestGenerator } from "./generator.ts";
import { judge, type Verdict } from "./judge.ts";

export type FuzzRun = {
  urls: Readonly<Record<Service, string>>;
  generator: RequestGenerator;
  /** Indices of requests: from the first to before the last. */
  from: number;
  to: number;
  atOnce: number;
  /** Epoch milliseconds after which nothing is begun any more. */
  deadline?: number;
  /** Told of each answered request. */
  onOutcome?: (request: FuzzRequest, outcome: Outcome, index: number) => void;
};

export type Finding = Verdict & { readonly index: number; readonly request: string };

export type FuzzReport = {
  readonly sent: number;
  readonly findings: readonly Finding[];
  /** How often each status came, `closed` for none. */
  readonly statuses: ReadonlyMap<number | "closed", number>;
  /** Routes that took a valid request at least once: neither as unauthorized or unknown nor as one too many. */
  readonly reached: ReadonlySet<string>;
};

/** Sends requests, so many at once, and judges each answer. */
export async function fuzz({ urls, generator, from, to, atOnce, ...run }: FuzzRun): Promise<FuzzReport> {
  const { deadline = Number.POSITIVE_INFINITY, onOutcome } = run;
  const sender = createSender(urls);
  const findings: Finding[] = [];
  const statuses = new Map<number | "closed", number>();
  const reached = new Set<string>();
  let next = from;
  const sendInTurn = async () => {
    while (next < to && Date.now() < deadline) {
      const index = next++;
      const request = generator(index);
      const outcome = await sender.send(request);
      const verdict = judge(request, outcome);
      if (verdict !== undefined) findings.push({ ...verdict, index, request: describeRequest(request) });
      const answered = "answer" in outcome ? outcome.answer.statuses : [];
      for (const status of answered.length > 0 ? answered : (["closed"] as const))
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (request.isValid && "answer" in outcome && isReached(outcome.answer)) reached.add(request.route);
      onOutcome?.(request, outcome, index);
    }
  };
  try {
    await Promise.all(Array.from({ length: atOnce }, sendInTurn));
  } finally {
    sender.close();
  }
  return { sent: next - from, findings, statuses, reached };
}

/** A route may not know what it is asked for; that there is no such route has a code of its own. */
function isReached({ statuses, text }: Answer): boolean {
  const [status = 0] = statuses;
  if (status === 404) return text !== "" && !/"code":"not_found"/i.test(text);
  // Who signs in wrongly has reached what signs people in.
  if (status === 401) return !/"code":"unauthorized"/i.test(text);
  return status !== 0 && status !== 429;
}
