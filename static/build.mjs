// Bundles the browser code into static/dist: one style sheet, one script.
import { build } from "esbuild";

await build({
  entryPoints: ["static/css/app.css", "static/js/app.js"],
  outdir: "static/dist",
  entryNames: "[name]",
  bundle: true,
  minify: true,
  target: ["es2020", "safari15", "firefox100", "chrome100"],
  external: ["*.svg"],
  legalComments: "none",
  logLevel: "warning",
});
