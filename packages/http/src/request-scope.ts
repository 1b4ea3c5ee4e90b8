import { actorHeader, runWithActor, runWithRequestId, toActor } from "@cita/process";
import fastifyPlugin from "fastify-plugin";

/** Runs handlers with the request's id, which calls to a provider then send along. */
export const requestScope = fastifyPlugin(
  async (app) => {
    app.addHook("preHandler", (request, _reply, done) => runWithRequestId(request.id, done));
  },
  { name: "request-scope" },
);

/** Runs handlers as what another service says who has asked: behind its key only, so that nobody else says it. */
export const actorScope = fastifyPlugin(
  async (app) => {
    app.addHook("preHandler", (request, _reply, done) => {
      const actor = toActor(request.headers[actorHeader]);
      if (actor === undefined) done();
      else runWithActor(actor, done);
    });
  },
  { name: "actor-scope" },
);
