import type { IntegrationsWorld } from "../integrations-world.ts";
import { listRoutes } from "../list-routes.ts";
import { connect } from "../panel-integrations.ts";
import { addPerson, tokenOf } from "../people.ts";
import type { World } from "../world.ts";
import type { Panel } from "./panel.ts";

/** The paths of pages. */
export type PanelPages = {
  /** Of whoever isn't signed in. */
  readonly alone: readonly string[];
  /** Of an admin. */
  readonly admin: readonly string[];
  /** The same, and what they show in other states than at first. */
  readonly all: readonly string[];
};

const notPages =
  /^\/(?:v1|api|internal|docs|panel|metrics|health|ready|\.well-known)(?:[/*]|$)|^\/login\/google/;
const alone = /^\/(?:login|olvide|entrar|invitacion|restablecer)(?:\/|$)/;

/** What a page shows in another state than at first. */
const variants = [
  "/clientes?q=nobody+has+this+name",
  "/clientes?status=pending",
  "/clientes/sol",
  "/clientes/sol/enlace",
  "/clientes/sol/citas",
  "/clientes/sol/horario",
  "/clientes/sol/semana",
  "/clientes/sol/probar",
  "/clientes/sol/agentes",
  "/clientes/sol/actividad",
  "/clientes/luna/citas?ver=canceladas",
  "/clientes/luna/citas?ver=pasadas",
  "/clientes/luna/semana?vista=dia&desde=2027-01-18",
  "/clientes/luna/probar?herramienta=book",
  "/clientes/luna/probar?herramienta=list_bookings",
  "/clientes/luna/probar?herramienta=reschedule_booking",
  "/clientes/nobody",
  "/nothing/here",
  "/cuenta?saved=yes",
];

const variantsOfIntegrations = [
  "/clientes/sol/conexiones",
  "/clientes/sol/conexiones/avisos",
  "/clientes/luna/conexiones?fallo=OAUTH_FAILED",
  "/conexiones?fallo=other",
];

/**
 * Every page that the app has, read from its routes, so that a new one can't be forgotten, with ids of what there is.
 * @param name of the business "luna", of who has booked there, of its key and of its member.
 * @throws where a page has a parameter that isn't known here
 */
export async function listPanelPages(
  { world, integrations }: Pick<Panel, "world" | "integrations">,
  name?: string,
): Promise<PanelPages> {
  const ids = await fillPanel(world, name);
  const connected = integrations && (await fillIntegrations(world, integrations));
  const fill = (path: string) =>
    path.replaceAll(/:(\w+)/g, (_, name: string) => {
      const id =
        name === "token"
          ? ids.tokens[path.split("/")[1] ?? ""]
          : (ids.params[name] ?? connected?.(path, name));
      if (id === undefined) throw new Error(`nothing is known for ${path}`);
      return id;
    });
  const pages = listRoutes(world.admin)
    .filter(({ method, path }) => method === "GET" && !notPages.test(path))
    .map(({ path }) => path);
  const admin = pages.filter((path) => !alone.test(path)).map(fill);
  return {
    alone: [...pages.filter((path) => alone.test(path)).map(fill), "/entrar/nonsense"],
    admin,
    all: [...admin, ...variants, ...(integrations === undefined ? [] : variantsOfIntegrations)],
  };
}

/** One business that is connected and has bookings, one that isn't yet, a key, and a person of each kind. */
async function fillPanel(world: World, name = "Luna") {
  await world.connected("luna");
  await world.connect("luna", { customer_name: name, customer_phone: "+573001234567" });
  await world.connect("sol", { customer_phone: "+573001234567" });
  const book = async (hour: string) => {
    const attendee = { attendee_name: name, attendee_phone: "+573001234567" };
    const { answer } = await world.call("luna", "book", {
      start_iso: `2027-01-18T${hour}:00-05:00`,
      ...attendee,
    });
    return String(answer.booking_id);
  };
  const booking_id = await book("10:00");
  await world.call("luna", "cancel_booking", { booking_id: await book("11:00") });
  const { body: key } = await world.api("POST", "/v1/customer-calendars/luna/agent-keys", {
    name: name.slice(0, 100),
  });
  const member = await addPerson(world, {
    name,
    email: "member@example.com",
    role: "member",
    customer_ids: ["luna"],
  });
  const invited = await world.api("POST", "/v1/users", { email: "invited@example.com", role: "viewer" });
  const link = async (kind: string) => {
    const { body } = await world.api("POST", `/v1/users/${member.user.id}/links`, { kind });
    return tokenOf(body.link ?? body);
  };
  return {
    params: {
      customer_id: "luna",
      booking_id,
      key_id: String(key.key_id),
      user_id: member.user.id,
    } as Record<string, string>,
    tokens: {
      invitacion: tokenOf(invited.body.link),
      entrar: await link("sign_in"),
      restablecer: await link("reset"),
    } as Record<string, string>,
  };
}

/** Accounts and webhooks of a customer, and of the admin's own. @returns an id by the page's path and the parameter */
async function fillIntegrations(
  world: World,
  integrations: IntegrationsWorld,
): Promise<(path: string, name: string) => string | undefined> {
  const { body } = await world.api("GET", "/v1/users?q=admin@example.com");
  const ofLuna = await connect(integrations, "instagram", { organizationId: "luna" });
  const lost = await connect(integrations, "gmail", { organizationId: "luna" });
  const access = await integrations.services.integrations.findAccess(lost);
  const loss = { reason: "invalid_grant", message: "It was taken back." };
  if (access !== undefined) await integrations.services.integrations.requireReconnect(access, loss);
  const own = await connect(integrations, "slack", { userId: body.users[0].id });
  const places = {
    "/clientes/": {
      integration_id: ofLuna,
      ...(await fillWebhooks(integrations, { organizationId: "luna" })),
    },
    "/conexiones/": { integration_id: own, ...(await fillWebhooks(integrations, { integrationId: own })) },
  };
  return (path, name) => {
    const ids: Record<string, string> = places[path.startsWith("/clientes/") ? "/clientes/" : "/conexiones/"];
    return ids[name];
  };
}

/** One that is active and was tested, and one that is paused. */
async function fillWebhooks({ api }: IntegrationsWorld, subject: object) {
  const path = "/integrations/webhooks";
  const add = async (url: string, events: readonly string[]) =>
    String((await api("POST", path, { ...subject, url, events })).body.data.id);
  const webhook_id = await add("https://example.com/webhooks/cita", ["*"]);
  const paused = await add("https://example.com/other", ["integration.*"]);
  await api("PATCH", `${path}/${paused}`, { isActive: false });
  const { body } = await api("POST", `${path}/${webhook_id}/test`);
  return { webhook_id, delivery_id: String(body.data.id) };
}
