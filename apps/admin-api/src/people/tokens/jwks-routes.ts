import type { FastifyPluginAsync } from "fastify";
import type { SigningKeys } from "./signing-keys.ts";

export type JwksRoutesOptions = { readonly signingKeys: Pick<SigningKeys, "publicKeys" | "current"> };

/** Keys are published a day before they sign, so an hour is never too long. */
const cacheControl = "public, max-age=3600";

/** What other services verify access tokens with (RFC 7517). */
export const jwksRoutes: FastifyPluginAsync<JwksRoutesOptions> = async (app, { signingKeys }) => {
  app.get("/.well-known/jwks.json", { config: { access: "public" } }, async (_request, reply) => {
    await signingKeys.current();
    return reply.header("cache-control", cacheControl).send(await signingKeys.publicKeys());
  });
};
