import { type Html, html } from "@cita/http/html";

const style = `
  :root { color-scheme: light dark; font-family: system-ui, sans-serif; line-height: 1.5; }
  body { margin: 0 auto; max-width: 30rem; padding: 1rem; }
  .sandbox { border: 2px dashed; border-radius: .5rem; padding: .5rem 1rem; }
  button, input[type=email], input[type=text] { box-sizing: border-box; font: inherit; min-height: 2.75rem; padding: .5rem 1rem; width: 100%; }
  button { border: 1px solid; border-radius: .5rem; cursor: pointer; margin-top: .5rem; }
  label.scope { align-items: start; display: flex; gap: .75rem; overflow-wrap: anywhere; padding: .5rem 0; }
  label.scope input { flex: none; height: 1.5rem; width: 1.5rem; }
`;

/**
 * A page of a stand-in, unmistakably a sandbox.
 * @param provider whom it stands in for
 */
export function sandboxPage(provider: string, title: string, main: Html): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title} - ${provider} sandbox</title>
<style>${{ html: style }}</style>
</head>
<body>
<p class="sandbox" role="note"><strong>SANDBOX</strong>: a local stand-in for ${provider}. No real account is involved.</p>
<main>${main}</main>
</body>
</html>`.html;
}
