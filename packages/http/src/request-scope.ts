import { onBehalfOf } from "@cita/process";
import fastifyPlugin from "fastify-plugin";

/** What handlers lead to, as far as the calls to a provider, knows the id of the request it is done for. */
export const requestScope = fastifyPlugin(
  async (app) => {
    app.addHook("preHandler", (request, _reply, done) => onBehalfOf(request.id, done));
  },
  { name: "request-scope" },
);
