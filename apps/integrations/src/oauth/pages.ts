import { createFrame, requestLanguage } from "@cita/consent";
import { html } from "@cita/http";
import type { Brand } from "@cita/http/brand";
import type { AccountInput, AccountProvider } from "@cita/providers/accounts";
import type { FastifyReply, FastifyRequest } from "fastify";
import { type Words, words } from "./words.ts";

/** The results that have a page of ours, since the browser can't go on to where it came from. */
export type PageResult = "stateUnknown" | "stateOver" | "otherBrowser" | "busy" | "wrong";

/** What a person is asked before the provider is: a field for each input. */
export type AskedInputs = {
  readonly provider: AccountProvider;
  readonly inputs: readonly AccountInput[];
  /** What was typed, except for secrets. */
  readonly values: Readonly<Record<string, string>>;
  /** Names of the inputs whose values aren't valid. */
  readonly invalid: readonly string[];
  /** Why a key wasn't taken. */
  readonly problem?: "keyRefused" | "providerAway" | undefined;
};

export type Pages = {
  /** For the Content-Security-Policy. */
  readonly styleHash: string;
  sendForm(request: FastifyRequest, reply: FastifyReply, asked: AskedInputs): FastifyReply;
  sendResult(request: FastifyRequest, reply: FastifyReply, result: PageResult): FastifyReply;
};

/** Pages with the operator's name, in the visitor's language, without scripts. */
export function createPages(brand: Brand): Pages {
  const { styleHash, render } = createFrame(brand, formStyle);
  const send = (reply: FastifyReply, page: string) => reply.type("text/html; charset=utf-8").send(page);
  return {
    styleHash,

    sendForm(request, reply, asked) {
      const language = requestLanguage(request);
      const { provider } = asked;
      const text = words[language];
      const body = html`<p>${text.asks(brand.name, provider.name)}</p>
${asked.problem !== undefined && html`<p class="problem" role="alert">${text[asked.problem](provider.name)}</p>`}
<form method="post" class="fields">
${asked.inputs.map((input) => field(text, input, asked))}
<button class="button" type="submit">${provider.grant.kind === "authorization_code" || provider.grant.kind === "key_delivery" ? text.continueButton(provider.name) : text.connectButton}</button>
</form>
${asked.inputs.some(({ isSecret }) => isSecret) && html`<p class="small">${text.keyHint}</p>`}`;
      return send(reply, render(language, { title: text.connectTitle(provider.name), body }));
    },

    sendResult(request, reply, result) {
      const language = requestLanguage(request);
      const { title, text } = words[language][result];
      return send(reply, render(language, { title, body: html`<p>${text}</p>`, outcome: "attention" }));
    },
  };
}

function field(text: Words, { name, example, isSecret }: AccountInput, { values, invalid }: AskedInputs) {
  const isInvalid = invalid.includes(name);
  const problem = `${name}-problem`;
  return html`<label class="field"><span>${text.labels[name] ?? name}</span>
<input name="${name}" type="${isSecret ? "password" : "text"}" value="${isSecret ? "" : (values[name] ?? "")}" placeholder="${example}" required autocomplete="off" autocapitalize="none" spellcheck="false"${isInvalid && html` aria-invalid="true" aria-describedby="${problem}"`}></label>
${isInvalid && html`<p class="problem small" id="${problem}">${text.invalid(example)}</p>`}`;
}

const formStyle = `.fields{display:grid;gap:1rem}
.field{display:grid;gap:.375rem;font-weight:600}
.field input{width:100%;min-height:3rem;padding:.625rem .75rem;border:1px solid var(--soft);border-radius:10px;background:var(--surface);color:var(--ink);font:inherit;font-weight:400}
.problem{color:var(--wait)}`;
