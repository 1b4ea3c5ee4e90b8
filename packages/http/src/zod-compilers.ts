import { serializerCompiler, validatorCompiler } from "@fastify/type-provider-zod";
import type { FastifyServerOptions } from "fastify";

/** Given to an app at once rather than set later, because Fastify would load those of JSON Schema first: 2 MiB. */
export const zodCompilers: FastifyServerOptions["schemaController"] = {
  compilersFactory: {
    buildValidator: () => validatorCompiler,
    buildSerializer: () => serializerCompiler,
  } as unknown as NonNullable<FastifyServerOptions["schemaController"]>["compilersFactory"],
};
