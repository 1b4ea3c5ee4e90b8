import type { FastifyReply } from "fastify";
import type { OAuthState } from "../integrations/oauth-state.ts";
import { toEnum } from "../management/views.ts";
import type { Finished } from "./finish.ts";

/**
 * Sends the browser to where the caller wants it, with what has become of the consent: `success`, `provider`, `state`, and
 * `integrationId` or `error` with `message`.
 */
export function returnToCaller(
  reply: FastifyReply,
  { state, token, finished }: { state: OAuthState; token: string; finished: Finished },
): FastifyReply {
  const target = new URL(state.redirectUri);
  const result =
    finished.kind === "connected"
      ? { success: "true", integrationId: finished.integrationId }
      : { success: "false", error: finished.failure.code, message: finished.failure.message };
  const parameters = { ...result, provider: toEnum(state.provider), state: token };
  for (const [name, value] of Object.entries(parameters)) target.searchParams.set(name, value);
  return reply.redirect(target.href, 303);
}
