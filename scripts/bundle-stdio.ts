import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { packExtension } from "@anthropic-ai/mcpb";
import { build } from "esbuild";
import { stdioBuildOptions } from "./bundle-stdio/build-options.ts";
import { readLicences } from "./bundle-stdio/licences.ts";
import { mcpbManifest } from "./bundle-stdio/manifest.ts";
import { runCommand } from "./run-command.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const script = "cita-calendar.js";
const licences = "cita-calendar.licences.txt";

/** npm run bundle [-- FOLDER]: `cita-calendar` as one file, and packed for Claude Desktop. */
await runCommand(async ([folder = join(root, "dist")]) => {
  const out = resolve(folder);
  await bundle(out);
  const packed = await pack(out);
  if (!packed) throw new Error("The bundle for Claude Desktop couldn't be packed.");
  process.stdout.write(`${join(out, script)}\n${join(out, "cita-calendar.mcpb")}\n`);
  return 0;
});

async function bundle(out: string): Promise<void> {
  const { metafile } = await build({ ...stdioBuildOptions, outfile: join(out, script) });
  writeFileSync(join(out, licences), readLicences(metafile, root));
}

/** @returns false when the manifest isn't valid or the folder can't be packed; stderr says why. */
async function pack(out: string): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), "cita-mcpb-"));
  try {
    const entryPoint = `server/${script}`;
    const manifest = mcpbManifest(JSON.parse(readFileSync(join(root, "package.json"), "utf8")), entryPoint);
    mkdirSync(join(folder, "server"));
    cpSync(join(out, script), join(folder, entryPoint));
    cpSync(join(out, licences), join(folder, "server", licences));
    cpSync(join(root, "LICENSE"), join(folder, "LICENSE"));
    writeJson(join(folder, "manifest.json"), manifest);
    // Without it Node parses the file as CommonJS first.
    writeJson(join(folder, "server/package.json"), { type: "module" });
    return await packExtension({
      extensionPath: folder,
      outputPath: join(out, "cita-calendar.mcpb"),
      silent: true,
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function writeJson(file: string, value: unknown): void {
  writeFileSync(file, `${JSON.stringify(value, undefined, 2)}\n`);
}
