// Bundles the browser code into static/dist: what every page needs, what discussions and what writing need, loaded only then.
import { build } from "esbuild";

await build({
  entryPoints: [
    { in: "static/css/app.css", out: "app" },
    { in: "static/js/app.js", out: "app" },
    { in: "static/js/threads/index.js", out: "threads" },
    { in: "static/css/writing.css", out: "editor" },
    { in: "static/js/editor/index.js", out: "editor" },
    { in: "static/js/live-worker.js", out: "live-worker" },
  ],
  outdir: "static/dist",
  bundle: true,
  minify: true,
  target: ["es2020", "safari15", "firefox100", "chrome100"],
  external: ["*.svg"],
  legalComments: "none",
  logLevel: "warning",
});
