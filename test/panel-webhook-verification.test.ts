import { spawnSync } from "node:child_process";
import { createHmac, randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { snippets } from "../apps/admin-api/src/panel/pages/webhooks/verification-snippets.ts";
import { decode, open, submit } from "./support/panel-pages.ts";
import { openWithWebhooks, webhooksOfLuna } from "./support/panel-webhooks.ts";
import { makeTestFolder } from "./support/test-folder.ts";
import { openReceiver, verify } from "./support/webhook-receiver.ts";

/** What each interpreter is called with, beside the snippet in the same folder. */
const runners = {
  node: {
    ...{ command: process.execPath, file: "verify.mjs", main: "main.mjs" },
    code: `import { readFileSync } from "node:fs";
import { isFromCita } from "./verify.mjs";
for (const { secret, headers, body } of JSON.parse(readFileSync(0, "utf8")))
  console.log(isFromCita(secret, headers, body));
`,
  },
  python: {
    ...{ command: "python3", file: "verify.py", main: "main.py" },
    code: `import json, sys
from verify import is_from_cita
for one in json.load(sys.stdin):
    print("true" if is_from_cita(one["secret"], one["headers"], one["body"].encode()) else "false")
`,
  },
  php: {
    ...{ command: "php", file: "verify.php", main: "main.php" },
    code: `<?php
require 'verify.php';
foreach (json_decode(stream_get_contents(STDIN), true) as $one) {
    echo is_from_cita($one['secret'], $one['headers'], $one['body']) ? "true\\n" : "false\\n";
}
`,
  },
  go: {
    ...{ command: "go", file: "verify.go", main: "main.go" },
    code: `package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
)

func main() {
	var all []struct {
		Secret  string
		Headers map[string]string
		Body    string
	}
	if err := json.NewDecoder(os.Stdin).Decode(&all); err != nil {
		panic(err)
	}
	for _, one := range all {
		headers := http.Header{}
		for name, value := range one.Headers {
			headers.Set(name, value)
		}
		fmt.Println(IsFromCita(one.Secret, headers, []byte(one.Body)))
	}
}
`,
  },
  ruby: {
    ...{ command: "ruby", file: "verify.rb", main: "main.rb" },
    code: `require "json"
require_relative "verify"
JSON.parse($stdin.read).each { |one| puts from_cita?(one["secret"], one["headers"], one["body"]) }
`,
  },
} as const;

const argumentsOf = (name: keyof typeof runners): readonly string[] =>
  name === "go" ? ["run", runners.go.main, runners.go.file] : [runners[name].main];

type Sent = {
  readonly secret: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

/** Signs by hand what no service of ours sends. */
function sign(secret: string, { headers, body }: Pick<Sent, "headers" | "body">): string {
  const key = Buffer.from(secret.slice("whsec_".length), "base64");
  const signed = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`;
  return `v1,${createHmac("sha256", key).update(signed).digest("base64")}`;
}

/** What was really sent while two secrets sign, and changes of it. */
async function listCases(t: Parameters<typeof openWithWebhooks>[0]) {
  const { world, integrations, hooks, admin } = await openWithWebhooks(t);
  const receiver = await openReceiver(t);
  const { id, secret: before } = await hooks.addWebhook(receiver.url);
  const path = `${webhooksOfLuna}/${id}`;
  const rotated = await submit(world, admin, `${path}/secreto`);
  const after = decode(/value="(whsec_[^"]+)"/.exec(rotated.text)?.[1] ?? "");
  integrations.secrets.note("webhook secret", after);
  await submit(world, admin, `${path}/probar`);
  const [received] = await receiver.got(1);
  if (received === undefined) throw new Error("nothing was received");
  verify(after, received);
  const page = decode((await open(world, admin, path)).text)
    .replaceAll("&quot;", '"')
    .replaceAll("&amp;", "&");
  const headers = Object.fromEntries(
    Object.entries(received.headers).map(([name, value]) => [name, String(value)]),
  );
  const real: Sent = { secret: after, headers, body: received.body };
  const changed = (more: Readonly<Record<string, string>>, body = real.body): Sent => {
    const one = { headers: { ...headers, ...more }, body };
    const signature = more["webhook-signature"] ?? sign(after, one);
    return { ...one, secret: after, headers: { ...one.headers, "webhook-signature": signature } };
  };
  const old = (seconds: number) => String(Math.floor(Date.now() / 1_000) + seconds);
  const { "webhook-id": _, ...withoutId } = headers;
  const cases: readonly (readonly [name: string, sent: Sent, holds: boolean])[] = [
    ["with the new secret", real, true],
    ["with the one before", { ...real, secret: before }, true],
    ["with another secret", { ...real, secret: `whsec_${randomBytes(32).toString("base64")}` }, false],
    ["another body", { ...real, body: real.body.replace("webhook.test", "booking.created") }, false],
    ["another id", { ...real, headers: { ...headers, "webhook-id": "x" } }, false],
    ["no id", { ...real, headers: withoutId }, false],
    ["no signature", changed({ "webhook-signature": "" }), false],
    ["another version", changed({ "webhook-signature": sign(after, real).replace("v1,", "v1a,") }), false],
    ["a short signature", changed({ "webhook-signature": "v1,AAAA v1, v1 nonsense" }), false],
    ["four minutes old", changed({ "webhook-timestamp": old(-240) }), true],
    ["six minutes old", changed({ "webhook-timestamp": old(-360) }), false],
    ["six minutes ahead", changed({ "webhook-timestamp": old(360) }), false],
    ["no time", changed({ "webhook-timestamp": "" }), false],
    ["nonsense for a time", changed({ "webhook-timestamp": "soon" }), false],
    ["text of another alphabet", changed({}, '{"name":"Niño 日本"}'), true],
  ];
  return { cases, page };
}

t.test("each language takes what is signed and nothing else", async (t) => {
  const { cases, page } = await listCases(t);
  const folder = makeTestFolder(t);
  for (const name of Object.keys(snippets) as (keyof typeof snippets)[]) {
    const { command, file, main, code } = runners[name];
    t.ok(page.includes(snippets[name].code), `${name} stands on the page as it is`);
    if (spawnSync(command, name === "go" ? ["version"] : ["--version"]).error !== undefined) {
      t.comment(`not run: this machine has no ${command}`);
      continue;
    }
    // A snippet is a part of the receiver's own program.
    const snippet = snippets[name].code.replace("package cita", "package main");
    writeFileSync(join(folder, file), snippet);
    writeFileSync(join(folder, main), code);
    const { status, stdout, stderr } = spawnSync(command, argumentsOf(name), {
      ...{ cwd: folder, encoding: "utf8", input: JSON.stringify(cases.map(([, sent]) => sent)) },
    });
    t.equal(status, 0, `${name}: ${stderr}`);
    const taken = stdout.trim().split("\n");
    for (const [i, [label, , holds]] of cases.entries()) t.equal(taken[i], `${holds}`, `${name}: ${label}`);
  }
});
