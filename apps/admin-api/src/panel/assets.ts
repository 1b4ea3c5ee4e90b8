import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import type { Brand, Palette } from "@cita/http/brand";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

/** The stylesheet's files, in the order in which they are served as one. */
const styles = [
  "tokens",
  "text",
  "frame",
  "blocks",
  "forms",
  "states",
  "tables",
  "navigation",
  "editor",
  "alone",
  "week",
  "narrow",
];

const own = (path: string) => new URL(`./assets/${path}`, import.meta.url);

/** Every file that pages refer to: ours, and the libraries' prebuilt ones as they are. */
const sources = {
  "panel.css": styles.map((name) => own(`styles/${name}.css`)),
  "panel.js": [own("panel.js")],
  "htmx.js": [
    new URL(import.meta.resolve("htmx.org/dist/htmx.min.js")),
    new URL(import.meta.resolve("htmx.org/dist/ext/hx-sse.min.js")),
  ],
  "calendar.js": [new URL(import.meta.resolve("@event-calendar/build")), own("week.js")],
  "calendar.css": [new URL(import.meta.resolve("@event-calendar/build/dist/event-calendar.min.css"))],
} as const satisfies Record<string, readonly URL[]>;

export type AssetName = keyof typeof sources;

/** The paths of the assets. Each has its content's hash in it, so that browsers may keep it for good. */
export type Assets = {
  readonly pathOf: (name: AssetName) => string;
  readonly all: readonly Asset[];
};

type Asset = {
  readonly type: string;
  readonly plain: Buffer;
  readonly gzipped: Buffer;
  readonly path: string;
};

const types: Readonly<Record<string, string>> = {
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
};

/** There are few and they are small, so they stay in memory, compressed once. */
export async function readAssets({ palette }: Brand): Promise<Assets> {
  const assets = new Map<string, Asset>();
  for (const [name, files] of Object.entries(sources)) {
    const own = name === "panel.css" ? toStyle(palette) : "";
    assets.set(name, await readAsset(name, files, own));
  }
  return { pathOf: (name) => assets.get(name)?.path ?? "", all: [...assets.values()] };
}

export function serveAssets(app: FastifyInstance, { all }: Assets): void {
  for (const asset of all)
    app.get(asset.path, { config: { access: "public" } }, (request, reply) => send(request, reply, asset));
}

/** The variables of the operator's colour. */
function toStyle({ light, dark }: Palette): string {
  const of = (tone: keyof Palette["light"]) => `light-dark(${light[tone]},${dark[tone]})`;
  return `:root{--accent:${of("accent")};--accent-tint:${of("tint")};--fill:${of("fill")};--fill-hover:${of("fillHover")};--on-fill:${of("onFill")}}\n`;
}

async function readAsset(name: string, files: readonly URL[], before: string): Promise<Asset> {
  const parts = await Promise.all(files.map((file) => readFile(fileURLToPath(file), "utf8")));
  // A source map's address would be asked for in vain.
  const text = before + parts.map((part) => part.replaceAll(/^\/\/# sourceMappingURL=.*$/gm, "")).join("\n");
  const plain = Buffer.from(text);
  const hash = createHash("sha256").update(plain).digest("base64url").slice(0, 12);
  const type = types[name.slice(name.lastIndexOf(".") + 1)] ?? "application/octet-stream";
  return { type, plain, gzipped: gzipSync(plain, { level: 9 }), path: `/panel/assets/${hash}/${name}` };
}

function send(request: FastifyRequest, reply: FastifyReply, { type, plain, gzipped }: Asset): FastifyReply {
  const isGzipped = /\bgzip\b/.test(String(request.headers["accept-encoding"] ?? ""));
  reply
    .type(type)
    .header("cache-control", "public, max-age=31536000, immutable")
    .header("vary", "accept-encoding");
  return isGzipped ? reply.header("content-encoding", "gzip").send(gzipped) : reply.send(plain);
}
