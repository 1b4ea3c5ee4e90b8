const file = new URL("webhook-crashes.test.ts?engine=postgres", import.meta.url);
await import(file.href);
