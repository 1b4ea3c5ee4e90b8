import { type ConsentRoutesOptions, consentRoutes } from "@cita/consent";
import { answerErrors, answerHeaders, createLimiter, registerLimits, serverOptions } from "@cita/http";
import fastify, { type FastifyBaseLogger, type FastifyInstance } from "fastify";

export type ConsentAppDeps = Omit<ConsentRoutesOptions, "limits"> & {
  logger: FastifyBaseLogger;
  /** The answer to a challenge, which only processes over the same database know. */
  proofOf: (challenge: string) => string;
  /** Called when a browser has shown that the calendar is connected. */
  onShown: () => void;
};

/** One person at one machine. */
const pagesPerMinute = 60;

/** The consent's pages alone, for as long as a calendar is being connected. */
export async function buildConsentApp({
  logger,
  proofOf,
  onShown,
  ...consent
}: ConsentAppDeps): Promise<FastifyInstance> {
  const app = fastify({
    ...serverOptions(false),
    loggerInstance: logger,
    forceCloseConnections: true,
  });
  answerErrors(app);
  await app.register(answerHeaders, { publicUrl: consent.google.publicUrl });
  await registerLimits(app);
  const limits = {
    linkPages: createLimiter(app, { perMinute: pagesPerMinute }),
    callbacks: createLimiter(app, { perMinute: pagesPerMinute }),
  };
  await app.register(consentRoutes, { ...consent, limits });
  app.addHook("onResponse", async ({ routeOptions }, { statusCode }) => {
    if (routeOptions.url === "/oauth/callback" && statusCode < 400) onShown();
  });
  app.get<{ Params: { challenge: string } }>("/proof/:challenge", ({ params }) => ({
    proof: proofOf(params.challenge),
  }));
  return app;
}
