// Bundles src/ into one plain script: `node build.mjs [outfile]`. The same sources always give the same bytes.
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build, transform } from "esbuild";

const here = fileURLToPath(new URL(".", import.meta.url));
const banner = "/* Deskhand chat. Bundles Lit (BSD-3-Clause); see frontend_widget/README.md. */";

/** Styles and templates lie in literals that a minifier must not touch; what is only there for the reader goes here. */
const squeeze = {
  name: "squeeze",
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]src[\\/][\w-]+\.ts$/ }, async ({ path }) => {
      const source = await readFile(path, "utf8");
      const sheet = /css`([^`]*)`/.exec(source);
      if (!sheet) return { contents: source.replace(/\n\s+/g, "\n"), loader: "ts" };
      const { code } = await transform(sheet[1], { loader: "css", minify: true });
      return { contents: source.replace(sheet[0], () => "css`" + code.trim().replaceAll("\\", "\\\\") + "`"), loader: "ts" };
    });
  },
};

await build({
  absWorkingDir: here,
  entryPoints: ["src/element.ts"],
  outfile: process.argv[2] ?? "dist/deskhand-chat.js",
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2022",
  // ASCII output: the file means the same whatever charset it is served with.
  charset: "ascii",
  legalComments: "none",
  banner: { js: banner },
  logLevel: "warning",
  plugins: [squeeze],
});
