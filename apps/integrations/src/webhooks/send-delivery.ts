import type { Database } from "@cita/database";
import type { GuardedSend } from "@cita/egress";
import type { JobQueue, Perform } from "@cita/events/jobs";
import type { Logger } from "@cita/process";
import { SealError } from "@cita/token-store";
import type { Conclusion } from "./conclude-attempts.ts";
import type { DeliveryStore, DueDelivery } from "./delivery-store.ts";
import { gather } from "./gather.ts";
import { type Attempt, concludeAttempt, inactive, judgeFailure, judgeResponse } from "./judge-answer.ts";
import { signatureHeaders } from "./sign.ts";

export type SendDeliveryDeps = {
  readonly db: Database;
  readonly deliveries: Pick<DeliveryStore, "findDue" | "conclude">;
  readonly jobs: Pick<JobQueue, "finish" | "retry">;
  readonly send: GuardedSend["send"];
  /** Of one attempt. */
  readonly timeoutMs: number;
  /** `WEBHOOK_RETRY_SCALE` */
  readonly retryScale: number;
  readonly logger: Logger;
  readonly now: () => number;
  readonly onConcluded: (status: Conclusion["status"]) => void;
};

/** What was taken together. */
const foundTogether = { maxAtOnce: 50, momentMs: 0 };

/** In one transaction, which others wait for. */
const concludedTogether = { maxAtOnce: 50, momentMs: 10 };

/** Of an answer no more is read. */
const maxAnswerBytes = 4_096;

/** Makes one attempt of a delivery, whose id is the job's key, and writes what it has come to. */
export function createSendDelivery(deps: SendDeliveryDeps): Perform {
  const { db, deliveries, jobs, logger, now, retryScale: scale, onConcluded } = deps;
  const conclude = gather(deliveries.conclude, concludedTogether);
  const findDue = gather(deliveries.findDue, foundTogether);
  return async (job, abandoned) => {
    const due = await findDue(job.key);
    if (due === undefined) return void (await jobs.finish(db, [job]));
    // A webhook that is inactive may have secrets that can't be opened.
    const attempt = due.webhook.isActive
      ? await unlessAbandoned(makeAttempt(deps, due), abandoned)
      : undefined;
    if (attempt === "abandoned") return void (await jobs.retry(db, [{ ...job, afterMs: 0 }]));
    const circumstances = { now: now(), scale, random: Math.random() };
    const conclusion = attempt === undefined ? inactive : concludeAttempt(attempt, due, circumstances);
    if (!(await conclude({ job, due, conclusion }))) return;
    onConcluded(conclusion.status);
    if (conclusion.status === "FAILED")
      logger.warn(
        {
          ...{ webhook_id: due.webhook.id, delivery_id: due.delivery.id, reason: conclusion.reason },
          is_disabled: conclusion.disabledReason !== null,
        },
        "a webhook could not be delivered",
      );
  };
}

function unlessAbandoned(attempt: Promise<Attempt>, abandoned: AbortSignal): Promise<Attempt | "abandoned"> {
  const { promise, resolve } = Promise.withResolvers<"abandoned">();
  const abandon = () => resolve("abandoned");
  if (abandoned.aborted) abandon();
  abandoned.addEventListener("abort", abandon);
  return Promise.race([attempt, promise]).finally(() => abandoned.removeEventListener("abort", abandon));
}

async function makeAttempt(
  { send, timeoutMs, now }: SendDeliveryDeps,
  { delivery, webhook, openSecrets }: DueDelivery,
): Promise<Attempt> {
  const { messageId: id, body } = delivery;
  let secrets: readonly string[];
  try {
    secrets = openSecrets();
  } catch (error) {
    if (!(error instanceof SealError)) throw error;
    return {
      ...{ kind: "failed", reason: error.code, response: null },
      error: "The webhook's secret can't be opened. Put the missing key back, or rotate the secret.",
    };
  }
  const headers = {
    ...signatureHeaders(secrets, { id, at: now(), body }),
    ...{ "content-type": "application/json", "user-agent": "Cita-Webhooks/1" },
  };
  try {
    const limits = { timeoutMs, maxBytes: maxAnswerBytes, cutsBody: true };
    return judgeResponse(await send(webhook.url, { method: "POST", headers, body }, limits));
  } catch (error) {
    return judgeFailure(error);
  }
}
