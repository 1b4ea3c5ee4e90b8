import { Readable } from "node:stream";
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import type { PageDeps } from "../../panel.ts";
import { viewerOf } from "../../viewer.ts";
import { findConflicts } from "./find-conflicts.ts";
import { readCsv } from "./read-csv.ts";
import { parseUploads, type Upload } from "./read-upload.ts";
import { type FileProblem, readyBody, uploadBody, wrongBody } from "./view.ts";
import { importWords } from "./words.ts";
import { writeLinks } from "./write-links.ts";

const access = { action: "administer" } as const;
const maxFileBytes = 5 * 1024 * 1024;
/** A form has its text encoded, which makes it longer. */
const maxFormBytes = 3 * maxFileBytes;

const linksForm = z.object({ csv: z.string().default("") });

/** Many customers from a CSV file: what is wrong with it, and then a file with their links. */
export const importRoutes: FastifyPluginAsync<PageDeps> = async (app, deps) => {
  const { pages, customerList } = deps;
  parseUploads(app, { maxFileBytes });

  const send = (request: FastifyRequest, reply: FastifyReply, body: ReturnType<typeof uploadBody>) => {
    const words = importWords[viewerOf(request).language];
    return pages.send(request, reply, {
      ...{ title: words.title, subtitle: words.subtitle, section: "customers", isNarrow: true, body },
    });
  };
  const refuse = (request: FastifyRequest, reply: FastifyReply, problem: FileProblem) =>
    send(request, reply.code(422), uploadBody(viewerOf(request), problem));

  app.get("/clientes/importar", { config: { access } }, (request, reply) =>
    send(request, reply, uploadBody(viewerOf(request))),
  );

  app.post<{ Body: Upload | undefined }>(
    "/clientes/importar",
    { config: { access }, bodyLimit: maxFileBytes + 64 * 1024 },
    async (request, reply) => {
      const viewer = viewerOf(request);
      const csv = request.body?.file;
      if (csv === null) return refuse(request, reply, { problem: "notCsv" });
      if (csv === undefined || csv === "") return refuse(request, reply, { problem: "missing" });
      if (Buffer.byteLength(csv) >= maxFileBytes) return refuse(request, reply, { problem: "tooLarge" });
      const read = readCsv(csv);
      if (read.kind === "unreadable") return refuse(request, reply, read);
      const wrong = [...read.wrong, ...(await findConflicts(customerList, read.rows))];
      if (wrong.length > 0) return send(request, reply.code(422), wrongBody(viewer, wrong));
      return send(request, reply, readyBody(viewer, { count: read.rows.length, csv }));
    },
  );

  app.post(
    "/clientes/importar/enlaces",
    { config: { access }, bodyLimit: maxFormBytes },
    async (request, reply) => {
      const { language } = viewerOf(request);
      const read = readCsv(linksForm.parse(request.body ?? {}).csv);
      if (read.kind === "unreadable") return refuse(request, reply, read);
      if (read.wrong.length > 0)
        return send(request, reply.code(422), wrongBody(viewerOf(request), read.wrong));
      reply.type("text/csv; charset=utf-8");
      reply.header("content-disposition", `attachment; filename="${importWords[language].fileName}"`);
      return reply.send(Readable.from(writeLinks(deps, request, read.rows)));
    },
  );
};
