import { z } from "zod";

/** A free time, as an instant and written out. */
const alternative = z.object({
  start: z.iso.datetime({ offset: true }),
  weekday: z.string(),
  label: z.string(),
});
export type Alternative = z.infer<typeof alternative>;

/** Every error response, in Fastify's shape. `code` is stable, `message` is for people. */
export const errorResponse = z.object({
  statusCode: z.number().int(),
  code: z.string(),
  error: z.string(),
  message: z.string(),
  /** Each problem of a body that can have several, beginning with the member that is wrong. */
  problems: z.array(z.string()).optional(),
  /** The nearest free times, where the requested one can't be booked. */
  alternatives: z.array(alternative).optional(),
});
