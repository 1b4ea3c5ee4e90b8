import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { Test } from "tap";
import { createWorld } from "./world.ts";

export const root = fileURLToPath(new URL("../..", import.meta.url));

/** docs/agents.md, with its fenced blocks by their names: ```` ```json cursor ````. */
export function readAgentsPage() {
  const page = readFileSync(join(root, "docs/agents.md"), "utf8");
  const used = new Set<string>();
  return {
    text: page,
    names: [...page.matchAll(/^```(\w+ \S+)$/gm)].map(([, name = ""]) => name),
    /** The names that `block` was asked for. */
    used: used as ReadonlySet<string>,
    /** The content of the one block with this name. */
    block(name: string): string {
      used.add(name);
      const [found, ...others] = page.matchAll(new RegExp(`^\`\`\`${name}\\n([\\s\\S]*?)^\`\`\`$`, "gm"));
      if (found?.[1] === undefined || others.length > 0) throw new Error(`there isn't one block ${name}`);
      return found[1];
    },
  };
}

/** Whether a block holds code rather than a client's configuration or its commands. */
export const isProgram = (name: string) => /^(ts|python) |^sh curl$/.test(name);

/** What the page's job prints: found, booked, listed, refused, cancelled. */
export const jobDone = ["lunes 18 de enero de 2027, 09:00", "confirmed", "1", "outside_hours", "cancelled"];

/** An agent key that nobody has made. */
export const wrongKey = `cita_${"0".repeat(64)}`;

/** tap hooks itself into each Node that a test starts, which is slow and no business of a client's. */
export const withoutTap = ["-u", "NODE_OPTIONS"];

type Finished = { stdout: string; stderr: string; code: number | null };

/** The service that the page's clients call, and what runs them. */
export async function openAgentsService(t: Test) {
  const world = await createWorld(t, {
    // As on a server elsewhere; and here all wrong keys come from one address.
    variables: { MCP_HEADER_ONLY: "false", FAILED_KEYS_PER_MINUTE: "1000" },
  });
  const url = `${world.mcpUrl}/mcp`;

  async function makeKey(customerId: string, audience?: "attendee"): Promise<string> {
    const { body } = await world.api("POST", `/v1/customer-calendars/${customerId}/agent-keys`, {
      name: "bot",
      ...(audience && { audience }),
    });
    return body.key;
  }

  /** What npm, mcp-remote and the Inspector remember goes where it is removed again. */
  function toEnvironment(key: string): Record<string, string> {
    const { PATH = "", NODE_COMPILE_CACHE } = process.env;
    return {
      PATH: `${join(root, "node_modules/.bin")}:${PATH}`,
      HOME: world.folder,
      CITA_URL: url,
      CITA_AGENT_KEY: key,
      CITA_ATTENDEE_PHONE: "573001234567",
      ...(NODE_COMPILE_CACHE && { NODE_COMPILE_CACHE: join(root, NODE_COMPILE_CACHE) }),
    };
  }

  /** Runs a program in the repository's folder, with the page's variables. */
  async function run(command: string, args: string[], key: string): Promise<Finished> {
    const child = spawn("env", [...withoutTap, command, ...args], {
      cwd: root,
      env: toEnvironment(key),
      stdio: ["ignore", "pipe", "pipe"],
    });
    const [stdout, stderr, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, "close"),
    ]);
    return { stdout, stderr, code };
  }

  return {
    world,
    url,
    makeKey,
    /** A connected business of its own, so that all can book nine o'clock at the same time. @returns an agent's key */
    async openBusiness(name: string, audience?: "attendee"): Promise<string> {
      await world.connected(name);
      return makeKey(name, audience);
    },
    toEnvironment,
    run,
    runInBash: (commands: string, key: string) => run("bash", ["-euo", "pipefail", "-c", commands], key),
    /** The calendar itself knows of the job: one appointment, which was made and cancelled. */
    async expectOneCancelled(t: Test, customerId: string): Promise<void> {
      const { events } = await world.sandbox("GET", `events?email=${customerId}@example.com`);
      const stored = events.map(({ summary, status }: { summary: string; status: string }) => [
        summary,
        status,
      ]);
      t.strictSame(stored, [["Ana Pérez · Cita", "cancelled"]]);
    },
  };
}

/** A client of version 1 of the TypeScript SDK. */
export async function openSdk1(url: string, headers: Record<string, string>): Promise<Client> {
  const client = new Client({ name: "sdk-1", version: "1.0.0" });
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
  return client;
}
