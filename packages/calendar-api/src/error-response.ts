import { z } from "zod";

/** A free time, as an instant and in the business's words. */
const alternative = z.object({
  start: z.iso.datetime({ offset: true }),
  weekday: z.string(),
  label: z.string(),
});
export type Alternative = z.infer<typeof alternative>;

/** What every refused request is answered: Fastify's shape. `code` is stable, `message` is for people. */
export const errorResponse = z.object({
  statusCode: z.number().int(),
  code: z.string(),
  error: z.string(),
  message: z.string(),
  /** Where a body can have several: each one, beginning with the member it is about. */
  problems: z.array(z.string()).optional(),
  /** Where a time can't be booked: the nearest that can. */
  alternatives: z.array(alternative).optional(),
});
