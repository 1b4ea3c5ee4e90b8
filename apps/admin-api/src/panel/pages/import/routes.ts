import { Readable } from "node:stream";
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { connectCustomer } from "../../../customer-calendars/connect-customer.ts";
import type { PageDeps } from "../../panel.ts";
import { viewerOf } from "../../viewer.ts";
import { isUnavailable } from "../errors/error-page.ts";
import type { NewCustomer } from "../new-customer/read-form.ts";
import { readCsv } from "./read-csv.ts";
import { parseUploads, type Upload } from "./read-upload.ts";
import { type FileProblemName, readyBody, uploadBody, wrongBody } from "./view.ts";
import { importWords } from "./words.ts";
import { byteOrderMark, csvLine } from "./write-csv.ts";

const access = { action: "administer" } as const;
const maxFileBytes = 5 * 1024 * 1024;
/** A form has its text encoded, which makes it longer. */
const maxFormBytes = 3 * maxFileBytes;
/** Links that are asked for at the same time. */
const concurrency = 8;

const linksForm = z.object({ csv: z.string().default("") });

/** Many customers from a CSV file: what is wrong with it, and then a file with their links. */
export const importRoutes: FastifyPluginAsync<PageDeps> = async (app, deps) => {
  const { pages } = deps;
  parseUploads(app, { maxFileBytes });

  const send = (request: FastifyRequest, reply: FastifyReply, body: ReturnType<typeof uploadBody>) => {
    const words = importWords[viewerOf(request).language];
    return pages.send(request, reply, {
      ...{ title: words.title, subtitle: words.subtitle, section: "customers", isNarrow: true, body },
    });
  };
  const refuse = (request: FastifyRequest, reply: FastifyReply, problem: FileProblemName) =>
    send(request, reply.code(422), uploadBody(viewerOf(request), problem));

  app.get("/clientes/importar", { config: { access } }, (request, reply) =>
    send(request, reply, uploadBody(viewerOf(request))),
  );

  app.post<{ Body: Upload | undefined }>(
    "/clientes/importar",
    { config: { access }, bodyLimit: maxFileBytes + 64 * 1024 },
    async (request, reply) => {
      const viewer = viewerOf(request);
      const csv = request.body?.file ?? "";
      if (csv === "") return refuse(request, reply, "missing");
      if (Buffer.byteLength(csv) >= maxFileBytes) return refuse(request, reply, "tooLarge");
      const read = readCsv(csv);
      if (read.kind === "unreadable") return refuse(request, reply, read.problem);
      if (read.wrong.length > 0) return send(request, reply.code(422), wrongBody(viewer, read.wrong));
      return send(request, reply, readyBody(viewer, { count: read.customers.length, csv }));
    },
  );

  app.post(
    "/clientes/importar/enlaces",
    { config: { access }, bodyLimit: maxFormBytes },
    async (request, reply) => {
      const { language } = viewerOf(request);
      const read = readCsv(linksForm.parse(request.body ?? {}).csv);
      if (read.kind === "unreadable") return refuse(request, reply, read.problem);
      if (read.wrong.length > 0)
        return send(request, reply.code(422), wrongBody(viewerOf(request), read.wrong));
      reply.type("text/csv; charset=utf-8");
      reply.header("content-disposition", `attachment; filename="${importWords[language].fileName}"`);
      return reply.send(Readable.from(writeLinks(deps, request, read.customers)));
    },
  );
};

/** The lines of the file with the links, as they are made. Making them again gives the same ones. */
async function* writeLinks(deps: PageDeps, request: FastifyRequest, customers: readonly NewCustomer[]) {
  const words = importWords[viewerOf(request).language];
  yield byteOrderMark + csvLine(words.headers);
  for (let i = 0; i < customers.length; i += concurrency) {
    const lines = await Promise.all(
      customers
        .slice(i, i + concurrency)
        .map((customer) => makeLine(deps, request, customer, words.notCreated)),
    );
    yield lines.join("");
  }
}

async function makeLine(
  deps: PageDeps,
  request: FastifyRequest,
  { any_account: _, ...customer }: NewCustomer,
  notCreated: string,
): Promise<string> {
  const { customer_name, customer_email, customer_phone, customer_id } = customer;
  const cells = [customer_name, customer_email, customer_phone ?? "", customer_id];
  try {
    const { link } = await connectCustomer(deps, request.id, customer, {});
    return csvLine([...cells, link.shareable_link, link.expires_at, ""]);
  } catch (error) {
    if (!isUnavailable(error))
      request.log.error({ err: error, customer_id }, "a customer couldn't be imported");
    return csvLine([...cells, "", "", notCreated]);
  }
}
