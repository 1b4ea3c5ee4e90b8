const file = new URL("crash-events.test.ts?engine=postgres", import.meta.url);
await import(file.href);
