import { type Alternative, type BookingsQuery, CalendarApiError } from "@cita/calendar-api";
import { parseDate } from "@cita/scheduling";
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { mayDo } from "../../../access/caller.ts";
import { findExisting } from "../../../customers/customer-store.ts";
import type { PageDeps } from "../../panel.ts";
import { serviceNamer } from "../../parts/bookings.ts";
import { explainTrouble } from "../../parts/calendar-trouble.ts";
import { customerPage, customerPath } from "../../parts/customer-frame.ts";
import { dateIn, dateOf } from "../../parts/days.ts";
import { note } from "../../parts/notes.ts";
import { viewerOf } from "../../viewer.ts";
import { bookingBody, cancelBody } from "./booking-view.ts";
import { type BookingsView, bookingsBody, bookingViews, viewParameters } from "./list-view.ts";
import { daysShown, moveBody } from "./move-view.ts";
import { bookingsWords } from "./words.ts";

const pageSize = 50;

const listQuery = z.object({
  ver: z.string().catch("").default(""),
  cursor: z.string().max(200).optional().catch(undefined),
  hecho: z.enum(["cancelled", "moved"]).optional().catch(undefined),
});

type OfCustomer = { Params: { customer_id: string } };
type OfBooking = { Params: { customer_id: string; booking_id: string }; Querystring: { desde?: string } };

const reading = { action: "read_customer", customer: "params" } as const;
const changing = { action: "change_customer", customer: "params" } as const;

/** A customer's bookings: the list, one of them, moving and cancelling it. */
export const bookingsRoutes: FastifyPluginAsync<PageDeps> = async (app, deps) => {
  const { pages, calendarApi, now } = deps;

  app.get<OfCustomer>(
    "/clientes/:customer_id/citas",
    { config: { access: reading } },
    async (request, reply) => {
      const viewer = viewerOf(request);
      const { customer_id: id } = request.params;
      const customer = await findExisting(deps.customers, id);
      const { ver, cursor, hecho } = listQuery.parse(request.query ?? {});
      const view = bookingViews.find((one) => viewParameters[one] === ver) ?? "ahead";
      const api = calendarApi.forRequest(request.id);
      try {
        const [page, schedule] = await Promise.all([
          api.bookings(id, toQuery(view, cursor, now())),
          api.schedule(id),
        ]);
        const body = bookingsBody(viewer, {
          ...{ view, cursor, page, path: customerPath(id), done: hecho, now: now() },
          nameService: serviceNamer(schedule, viewer.language),
          mayChange: mayDo(viewer.caller, "change_customer", true),
        });
        return pages.send(request, reply, customerPage(viewer, customer, { tab: "bookings", body }));
      } catch (error) {
        const { text, statusCode } = explainTrouble(viewer, error);
        const body = note("bad", text);
        return pages.send(
          request,
          reply.code(statusCode),
          customerPage(viewer, customer, { tab: "bookings", body }),
        );
      }
    },
  );

  await app.register(oneBookingRoutes, deps);
  await app.register(moveRoutes, deps);
};

function toQuery(view: BookingsView, cursor: string | undefined, now: number): BookingsQuery {
  const page = { limit: pageSize, ...(cursor !== undefined && { cursor }) };
  switch (view) {
    case "ahead":
      return { ...page, status: "confirmed", order: "soonest_first" };
    case "stranded":
      return { ...page, status: "stranded", order: "soonest_first" };
    case "past":
      return { ...page, status: "confirmed", order: "latest_first", to: new Date(now).toISOString() };
    case "cancelled":
      return { ...page, status: "cancelled", order: "latest_first" };
  }
}

/** The booking of a page, with what its views are given. */
async function findBooking(deps: PageDeps, request: FastifyRequest<OfBooking>) {
  const { customer_id: id, booking_id: bookingId } = request.params;
  const viewer = viewerOf(request);
  const api = deps.calendarApi.forRequest(request.id);
  const customer = await findExisting(deps.customers, id);
  const [booking, schedule] = await Promise.all([api.booking(id, bookingId), api.schedule(id)]);
  const one = {
    ...{ booking, path: customerPath(id), now: deps.now() },
    serviceName: serviceNamer(schedule, viewer.language)(booking.service),
    mayChange: mayDo(viewer.caller, "change_customer", true),
  };
  return { viewer, customer, api, one };
}

const oneBookingRoutes: FastifyPluginAsync<PageDeps> = async (app, deps) => {
  const { pages } = deps;

  app.get<OfBooking>(
    "/clientes/:customer_id/citas/:booking_id",
    { config: { access: reading } },
    async (request, reply) => {
      const { viewer, customer, one } = await findBooking(deps, request);
      const isMoved = listQuery.parse(request.query ?? {}).hecho === "moved";
      const body = bookingBody(viewer, { ...one, isMoved });
      return pages.send(request, reply, customerPage(viewer, customer, { tab: "bookings", body }));
    },
  );

  app.get<OfBooking>(
    "/clientes/:customer_id/citas/:booking_id/cancelar",
    { config: { access: changing } },
    async (request, reply) => {
      const { viewer, customer, one } = await findBooking(deps, request);
      const body = cancelBody(viewer, one);
      return pages.send(request, reply, customerPage(viewer, customer, { tab: "bookings", body }));
    },
  );

  app.post<OfBooking>(
    "/clientes/:customer_id/citas/:booking_id/cancelar",
    { config: { access: changing } },
    async (request, reply) => {
      const { viewer, customer, api, one } = await findBooking(deps, request);
      try {
        await api.cancelBooking(request.params.customer_id, one.booking.booking_id);
      } catch (error) {
        const { text, statusCode } = explainTrouble(viewer, error, "change");
        const body = cancelBody(viewer, { ...one, trouble: text });
        reply.code(statusCode);
        return pages.send(request, reply, customerPage(viewer, customer, { tab: "bookings", body }));
      }
      return reply.redirect(`${one.path}/citas?ver=${viewParameters.ahead}&hecho=cancelled`, 303);
    },
  );
};

const moveForm = z.object({ start_iso: z.string().max(40).default("") });

type MoveProblem = { readonly text: string; readonly alternatives: readonly Alternative[] };

const moveRoutes: FastifyPluginAsync<PageDeps> = async (app, deps) => {
  const { pages, now } = deps;
  const url = "/clientes/:customer_id/citas/:booking_id/mover";

  async function send(request: FastifyRequest<OfBooking>, reply: FastifyReply, problem?: MoveProblem) {
    const { viewer, customer, api, one } = await findBooking(deps, request);
    const { booking } = one;
    const today = dateIn(booking.time_zone, now());
    const asked = request.query.desde ?? dateOf(booking.start);
    const from = parseDate(asked) !== undefined && asked > today ? asked : today;
    const query = { from, days: daysShown, moving: booking.booking_id };
    // The times are read anew for whoever was refused, and a calendar that can't be read is said to be so.
    const read = await api.agenda(request.params.customer_id, query).catch((error: unknown) => ({
      free: null,
      ...explainTrouble(viewer, error),
    }));
    if ("statusCode" in read && problem === undefined) reply.code(read.statusCode);
    const shown = problem ?? ("text" in read ? { text: read.text, alternatives: [] } : undefined);
    const body = moveBody(viewer, { ...one, from, today, free: read.free, problem: shown });
    return pages.send(request, reply, customerPage(viewer, customer, { tab: "bookings", body }));
  }

  app.get<OfBooking>(url, { config: { access: changing } }, (request, reply) => send(request, reply));

  app.post<OfBooking>(url, { config: { access: changing } }, async (request, reply) => {
    const viewer = viewerOf(request);
    const { customer_id: id, booking_id: bookingId } = request.params;
    const { start_iso } = moveForm.parse(request.body ?? {});
    if (start_iso === "") {
      const text = bookingsWords[viewer.language].chooseTime;
      return send(request, reply.code(422), { text, alternatives: [] });
    }
    try {
      await deps.calendarApi.forRequest(request.id).rescheduleBooking(id, bookingId, { start_iso });
    } catch (error) {
      const { text, statusCode } = explainTrouble(viewer, error, "change");
      const alternatives = error instanceof CalendarApiError ? (error.alternatives ?? []) : [];
      return send(request, reply.code(statusCode), { text, alternatives });
    }
    return reply.redirect(`${customerPath(id)}/citas/${encodeURIComponent(bookingId)}?hecho=moved`, 303);
  });
};
