import type { AgendaQuery, CalendarApiClient } from "@cita/calendar-api";
import { parseDate } from "@cita/scheduling";
import type { FastifyPluginAsync } from "fastify";
import { z } from "zod";
import { findExisting } from "../../../customers/customer-store.ts";
import type { PageDeps } from "../../panel.ts";
import { explainTrouble } from "../../parts/calendar-trouble.ts";
import { customerPage, customerPath } from "../../parts/customer-frame.ts";
import { dateIn } from "../../parts/days.ts";
import { note } from "../../parts/notes.ts";
import { viewerOf } from "../../viewer.ts";
import { daysOf, firstDateOf, weekBody } from "./view.ts";

const weekQuery = z.object({
  vista: z.enum(["semana", "dia"]).catch("semana").default("semana"),
  desde: z
    .string()
    .refine((text) => parseDate(text) !== undefined)
    .optional()
    .catch(undefined),
  servicio: z.string().max(64).optional().catch(undefined),
});

/** A week or a day of a customer's calendar. */
export const weekRoutes: FastifyPluginAsync<PageDeps> = async (app, deps) => {
  const { pages, calendarApi, now } = deps;

  app.get<{ Params: { customer_id: string } }>(
    "/clientes/:customer_id/semana",
    { config: { access: { action: "read_customer", customer: "params" } } },
    async (request, reply) => {
      const viewer = viewerOf(request);
      const { customer_id: id } = request.params;
      const customer = await findExisting(deps.customers, id);
      const { vista, desde, servicio } = weekQuery.parse(request.query ?? {});
      const kind = vista === "dia" ? "day" : "week";
      const api = calendarApi.forRequest(request.id);
      try {
        const schedule = await api.schedule(id);
        const service = schedule.services.find((one) => one.id === servicio)?.id;
        const wanted = { kind, date: desde, service, zone: schedule.time_zone, now: now() } as const;
        const { agenda, from } = await readDays(api, id, wanted);
        const today = dateIn(agenda.timezone, now());
        const body = weekBody(viewer, {
          agenda,
          schedule,
          kind,
          from,
          today,
          service,
          path: customerPath(id),
        });
        return pages.send(
          request,
          reply,
          customerPage(viewer, customer, { tab: "week", body, hasCalendar: true }),
        );
      } catch (error) {
        const { text, statusCode } = explainTrouble(viewer, error);
        const body = note("bad", text);
        return pages.send(
          request,
          reply.code(statusCode),
          customerPage(viewer, customer, { tab: "week", body }),
        );
      }
    },
  );
};

type Wanted = {
  readonly kind: "week" | "day";
  /** undefined: today. */
  readonly date: string | undefined;
  readonly service: string | undefined;
  /** The business's time zone; null: the calendar's own, which its answer names. */
  readonly zone: string | null;
  readonly now: number;
};

/** Today's week depends on the time zone: where the calendar's own turns out to be on another date, it is read again. */
async function readDays(api: Pick<CalendarApiClient, "agenda">, id: string, wanted: Wanted) {
  const { kind, date, service, zone, now } = wanted;
  const read = async (day: string) => {
    const from = firstDateOf(kind, day);
    const query: AgendaQuery = { from, days: daysOf[kind], ...(service !== undefined && { service }) };
    return { from, agenda: await api.agenda(id, query) };
  };
  const first = await read(date ?? dateIn(zone ?? "UTC", now));
  if (date !== undefined) return first;
  const today = dateIn(first.agenda.timezone, now);
  return firstDateOf(kind, today) === first.from ? first : read(today);
}
