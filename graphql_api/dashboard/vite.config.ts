/** How the page is built: one start bundle, charts and workbooks loaded when first needed, nothing inline. */
import { defineConfig } from "vite";

export default defineConfig({
  // The server serves the page at its root; asset names carry a hash, so they may be cached for ever.
  base: "/",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    target: "es2022",
    // The Content-Security-Policy allows files of this server only: no data URI, no inline script.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 800,
  },
  server: {
    // `npm run dev` beside `union7510 serve`: the page from Vite, the data from the real server.
    proxy: Object.fromEntries(
      ["/graphql", "/export", "/templates", "/receipts"].map((path) => [
        path,
        { target: process.env["UNION7510_SERVER"] ?? "http://127.0.0.1:8000", ws: true },
      ]),
    ),
  },
});
