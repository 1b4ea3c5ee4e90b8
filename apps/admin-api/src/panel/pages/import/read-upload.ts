import { Busboy } from "@fastify/busboy";
import type { FastifyInstance } from "fastify";

/**
 * A form that was sent with a file: its fields, and the file's text under the name of its field; null for a file that is
 * no text.
 */
export type Upload = Readonly<Record<string, string | null>>;

/**
 * Parses `multipart/form-data` before the guard looks for the form's token. A file is cut off behind the most that it may
 * have.
 * @see https://www.rfc-editor.org/rfc/rfc7578
 */
export function parseUploads(app: FastifyInstance, { maxFileBytes }: { maxFileBytes: number }): void {
  app.addContentTypeParser("multipart/form-data", (request, payload, done) => {
    const upload: Record<string, string | null> = {};
    const limits = { files: 1, fileSize: maxFileBytes, fields: 4, fieldSize: 1_000 };
    const type = request.headers["content-type"] ?? "";
    const busboy = new Busboy({ headers: { "content-type": type }, limits });
    busboy.on("field", (name, value) => {
      upload[name] = value;
    });
    busboy.on("file", (name, file) => {
      const chunks: Buffer[] = [];
      file.on("data", (chunk: Buffer) => chunks.push(chunk));
      file.on("end", () => {
        upload[name] = decode(Buffer.concat(chunks));
      });
    });
    busboy.once("finish", () => done(null, upload));
    busboy.once("error", (error) => done(new UnreadableUploadError({ cause: error })));
    payload.pipe(busboy);
  });
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Excel saves "CSV" in Windows-1252, and only "CSV UTF-8" in UTF-8: a text with accents is hardly ever valid as both. Its
 * own .xlsx and its "Unicode text", which is UTF-16, have zero bytes, which neither encoding has: as a text they would be
 * refused with the whole form for U+0000, before the page can say which format it takes.
 */
function decode(bytes: Uint8Array): string | null {
  if (bytes.includes(0)) return null;
  try {
    return utf8.decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

/** The form wasn't sent whole, or isn't one. */
export class UnreadableUploadError extends Error {
  override readonly name = "UnreadableUploadError";
  readonly code = "unreadable_upload";
  readonly statusCode = 400;
  constructor(options?: ErrorOptions) {
    super("The form wasn't sent whole. Send it again.", options);
  }
}
