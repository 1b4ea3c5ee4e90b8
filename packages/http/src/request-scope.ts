import { runWithRequestId } from "@cita/process";
import fastifyPlugin from "fastify-plugin";

/** Runs handlers with the request's id, which calls to a provider then send along. */
export const requestScope = fastifyPlugin(
  async (app) => {
    app.addHook("preHandler", (request, _reply, done) => runWithRequestId(request.id, done));
  },
  { name: "request-scope" },
);
