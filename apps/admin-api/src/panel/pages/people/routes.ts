import { cutPage, html } from "@cita/http";
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { roles } from "../../../access/caller.ts";
import { handOutLink } from "../../../people/mail/link-mails.ts";
import type { UserLinkKind } from "../../../people/one-time-links.ts";
import { maxCustomersOfUser } from "../../../people/schemas.ts";
import { EmailTakenError, LastAdminError, type User } from "../../../people/user.ts";
import { findExistingUser } from "../../../people/user-store.ts";
import type { PageDeps } from "../../panel.ts";
import { viewerOf } from "../../viewer.ts";
import {
  emptyInvitation,
  type InviteForm,
  type PeopleProblems,
  type PersonPage,
  peopleBody,
  personBody,
} from "./view.ts";
import { peopleWords } from "./words.ts";

const pageSize = 50;
const access = { action: "administer" } as const;

/** Ids of 64 characters, each with what a browser makes of the end of its line: CR and LF. */
const customersText = z.string().max(maxCustomersOfUser * (64 + 2));
/** CR and LF are encoded as 6 bytes, the characters of ids as they are. */
const bodyLimit = maxCustomersOfUser * (64 + 6) + 8 * 1024;

const inviteForm = z.object({
  email: z.string().max(254).default(""),
  name: z.string().trim().max(200).default(""),
  role: z.enum(roles).catch("member"),
  customers: customersText.default(""),
});
/** Without defaults: what a form doesn't say takes nothing from somebody who is there. */
const personForm = z.object({ role: z.enum(roles), customers: customersText });
const accessForm = z.object({ active: z.enum(["yes", "no"]) });
const peopleQuery = z.object({
  q: z.string().trim().max(100).catch("").default(""),
  after: z.string().max(254).catch("").default(""),
});

/** Who enters the panel: inviting them, what they may do, and links for them. */
export const peoplePageRoutes: FastifyPluginAsync<PageDeps> = async (app, deps) => {
  await app.register(listRoutes, deps);
  await app.register(personRoutes, deps);
};

type ReadCustomers = { readonly ids: readonly string[]; readonly unknown: readonly string[] };

/** Ids of customers as they were typed, and those of them that nobody has. */
async function readCustomers({ customerList }: PageDeps, text: string): Promise<ReadCustomers> {
  const ids = [...new Set(text.split(/[\s,;]+/).filter((id) => id !== ""))];
  const found = await customerList.search({ scope: { kind: "all" }, ids, limit: ids.length });
  const known = new Set(found.map(({ customer_id }) => customer_id));
  return { ids, unknown: ids.filter((id) => !known.has(id)) };
}

const listRoutes: FastifyPluginAsync<PageDeps> = async (app, deps) => {
  const { pages, people } = deps;

  async function send(
    request: FastifyRequest,
    reply: FastifyReply,
    form: InviteForm = emptyInvitation,
    problems: PeopleProblems = {},
  ) {
    const viewer = viewerOf(request);
    const words = peopleWords[viewer.language];
    const { q, after } = peopleQuery.parse(request.query ?? {});
    const found = await people.users.list({ after, limit: pageSize + 1, q });
    const { shown: users, next_cursor: nextAfter } = cutPage(found, pageSize, (last) => last.email);
    return pages.send(request, reply, {
      ...{ title: words.title, subtitle: words.subtitle, section: "people" },
      body: peopleBody(viewer, { users, q, nextAfter, form, problems }),
    });
  }

  app.get("/personas", { config: { access } }, (request, reply) => send(request, reply));

  app.post("/personas", { config: { access }, bodyLimit }, async (request, reply) => {
    const form = inviteForm.parse(request.body ?? {});
    const { problems: texts } = peopleWords[viewerOf(request).language];
    const { ids, unknown } = await readCustomers(deps, form.customers);
    const email = z.email().max(254).safeParse(form.email.trim());
    const problems = {
      email: email.success ? undefined : texts.email,
      customers: unknown.length === 0 ? undefined : texts.customers(unknown.join(", ")),
    };
    if (!email.success || unknown.length > 0) return send(request, reply.code(422), form, problems);
    try {
      const name = form.name || (email.data.split("@")[0] ?? email.data);
      const user = await people.users.add({ email: email.data, name, role: form.role, customerIds: ids });
      return await sendPersonWithLink(deps, request, reply, user, "invitation");
    } catch (error) {
      if (!(error instanceof EmailTakenError)) throw error;
      return send(request, reply.code(409), form, { email: texts.taken });
    }
  });
};

type OfUser = { Params: { user_id: string } };

const personRoutes: FastifyPluginAsync<PageDeps> = async (app, deps) => {
  const { people } = deps;
  const path = "/personas/:user_id";

  app.get<OfUser & { Querystring: { saved?: string } }>(
    path,
    { config: { access } },
    async (request, reply) => {
      const user = await findExistingUser(people.users, request.params.user_id);
      return sendPerson(deps, request, reply, user, { isSaved: request.query.saved === "yes" });
    },
  );

  app.post<OfUser>(path, { config: { access }, bodyLimit }, async (request, reply) => {
    const user = await findExistingUser(people.users, request.params.user_id);
    const form = personForm.parse(request.body ?? {});
    const { problems: texts } = peopleWords[viewerOf(request).language];
    const { ids, unknown } = await readCustomers(deps, form.customers);
    if (unknown.length > 0) {
      const problems = { customers: texts.customers(unknown.join(", ")) };
      return sendPerson(deps, request, reply.code(422), user, { ...form, problems });
    }
    try {
      await people.users.change(user.id, { role: form.role });
    } catch (error) {
      if (!(error instanceof LastAdminError)) throw error;
      return sendPerson(deps, request, reply.code(409), user, {
        ...form,
        problems: { role: texts.lastAdmin },
      });
    }
    await people.memberships.setCustomers(user.id, ids);
    return reply.redirect(`/personas/${user.id}?saved=yes`, 303);
  });

  app.post<OfUser>(`${path}/acceso`, { config: { access } }, async (request, reply) => {
    const isActive = accessForm.parse(request.body).active === "yes";
    const user = await findExistingUser(people.users, request.params.user_id);
    try {
      await people.users.change(user.id, { isActive });
    } catch (error) {
      if (!(error instanceof LastAdminError)) throw error;
      const { lastAdmin } = peopleWords[viewerOf(request).language].problems;
      return sendPerson(deps, request, reply.code(409), user, { problems: { role: lastAdmin } });
    }
    return reply.redirect(`/personas/${user.id}?saved=yes`, 303);
  });

  app.post<OfUser>(`${path}/eliminar`, { config: { access } }, async (request, reply) => {
    const user = await findExistingUser(people.users, request.params.user_id);
    try {
      await people.users.remove(user.id);
    } catch (error) {
      if (!(error instanceof LastAdminError)) throw error;
      const { lastAdmin } = peopleWords[viewerOf(request).language].problems;
      return sendPerson(deps, request, reply.code(409), user, { problems: { role: lastAdmin } });
    }
    return reply.redirect("/personas", 303);
  });

  app.post<OfUser & { Body: { kind?: string } }>(
    `${path}/enlaces`,
    { config: { access } },
    async (request, reply) => {
      const user = await findExistingUser(people.users, request.params.user_id);
      const kind = z.enum(["invitation", "reset", "sign_in"]).parse(request.body?.kind);
      return sendPersonWithLink(deps, request, reply, user, kind);
    },
  );
};

/** A link is shown this once: it isn't in an address that a browser keeps. */
async function sendPersonWithLink(
  deps: PageDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  user: User,
  kind: UserLinkKind,
) {
  const { url } = await handOutLink(deps, kind, user);
  return sendPerson(deps, request, reply, user, { link: { url } });
}

async function sendPerson(
  { pages, people }: PageDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  user: User,
  more: Partial<Omit<PersonPage, "user">>,
) {
  const viewer = viewerOf(request);
  const words = peopleWords[viewer.language];
  const customers = (await people.memberships.customersOf(user.id)).join("\n");
  const page = { role: user.role, customers, problems: {}, isSaved: false, link: undefined, ...more, user };
  return pages.send(request, reply, {
    ...{ title: user.name, subtitle: user.email, section: "people", isNarrow: true },
    actions: html`<a href="/personas">${words.back}</a>`,
    body: personBody(viewer, page),
  });
}
