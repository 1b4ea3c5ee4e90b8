import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { createGzip } from "@cita/http";
import type { Brand, Palette } from "@cita/http/brand";
import type { FastifyInstance } from "fastify";

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
  readonly bytes: Buffer;
  readonly path: string;
};

const types: Readonly<Record<string, string>> = {
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
};

/** There are few and they are small, so they stay in memory. */
export async function readAssets({ palette }: Brand): Promise<Assets> {
  const assets = new Map<string, Asset>();
  for (const [name, files] of Object.entries(sources)) {
    const own = name === "panel.css" ? toStyle(palette) : "";
    assets.set(name, await readAsset(name, files, own));
  }
  return { pathOf: (name) => assets.get(name)?.path ?? "", all: [...assets.values()] };
}

export async function serveAssets(app: FastifyInstance, { all }: Assets): Promise<void> {
  app.addHook("onSend", createGzip());
  for (const { path, type, bytes } of all)
    app.get(path, { config: { access: "public" } }, (_request, reply) =>
      reply.type(type).header("cache-control", "public, max-age=31536000, immutable").send(bytes),
    );
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
  const bytes = Buffer.from(text);
  const hash = createHash("sha256").update(bytes).digest("base64url").slice(0, 12);
  const type = types[name.slice(name.lastIndexOf(".") + 1)] ?? "application/octet-stream";
  return { type, bytes, path: `/panel/assets/${hash}/${name}` };
}
