// Compiles the look into internal/web/static, whose files are committed:
// nobody needs Node to build or to run Waymark. "make look" runs this.
import { compile } from "sass"
import { copyFileSync, readFileSync, writeFileSync } from "node:fs"

const here = (name) => new URL(name, import.meta.url).pathname
const out = (name) => here("../internal/web/static/" + name)
const govuk = (name) => here("node_modules/govuk-frontend/dist/govuk/" + name)

const css = compile(here("app.scss"), {
  loadPaths: [here("node_modules")],
  style: "compressed",
  quietDeps: true,
}).css
const refused = /GDS Transport|crest|\.woff/i.exec(css)
if (refused) throw new Error("the style sheet holds what councils may not use: " + refused[0])

writeFileSync(out("app.css"), css)
for (const name of ["app.js", "find.js", "live.js", "passkey.js", "start.js"]) copyFileSync(here(name), out(name))
writeFileSync(out("govuk-frontend.min.js"), readFileSync(govuk("govuk-frontend.min.js"), "utf8").replace(/\n?\/\/# sourceMappingURL=.*\n?$/, "\n"))
console.log(`app.css is ${css.length} bytes`)
