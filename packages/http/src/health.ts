import type { FastifyPluginAsync } from "fastify";
import { type CacheTimes, cacheBriefly } from "./cache-briefly.ts";
import { errorBody } from "./error-answers.ts";

/** A check of something that the service needs. */
export type ReadyCheck = {
  /** Rejects where it isn't available. */
  check: () => Promise<void>;
  /** The message of the 503, or what it is by the check's error. The log has the error. */
  failure: string | ((error: unknown) => string);
};

export type HealthOptions = {
  checks: readonly ReadyCheck[];
  /** How long a result of `/ready` is reused. */
  readyCache?: CacheTimes | undefined;
};

/** Any number of probes cost one check in two seconds, and a recovery is seen within one second. */
const readyCacheTimes: CacheTimes = { successMs: 2_000, failureMs: 1_000 };

class NotReadyError extends Error {
  override readonly name = "NotReadyError";
}

/** `/health`: the process is up. `/ready`: everything that it needs is available. Both are open to anybody. */
export const healthRoutes: FastifyPluginAsync<HealthOptions> = async (
  app,
  { checks, readyCache = readyCacheTimes },
) => {
  const checkAll = cacheBriefly(async () => {
    for (const { check, failure } of checks) {
      await check().catch((err: unknown) => {
        app.log.error({ err }, "not ready");
        throw new NotReadyError(typeof failure === "string" ? failure : failure(err));
      });
    }
  }, readyCache);

  app.get("/health", { logLevel: "warn" }, () => ({ status: "ok" }));
  app.get("/ready", { logLevel: "warn" }, async (_request, reply) => {
    try {
      await checkAll();
      return { status: "ready" };
    } catch (error) {
      if (!(error instanceof NotReadyError)) throw error;
      const { message } = error;
      return reply.code(503).send(errorBody({ statusCode: 503, code: "not_ready", message }));
    }
  });
};
