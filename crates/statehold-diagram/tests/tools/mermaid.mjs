// Reads Mermaid texts with Mermaid's own parser and says what it understood.
// Usage: node mermaid.mjs FOLDER FILE.. where FOLDER holds the packages `mermaid` and `jsdom`.
// Prints one line of JSON per file: {file, states, relations} or {file, error}.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [folder, ...files] = process.argv.slice(2);
const require = createRequire(folder + "/package.json");
const { JSDOM } = require("jsdom");
const { window } = new JSDOM("<!doctype html><body></body>");
Object.assign(globalThis, { window, document: window.document });
const entry = folder + "/node_modules/mermaid/dist/mermaid.core.mjs";
const mermaid = (await import(pathToFileURL(entry))).default;

for (const file of files) {
  try {
    const text = readFileSync(file, "utf8");
    await mermaid.parse(text);
    const { db } = await mermaid.mermaidAPI.getDiagramFromText(text);
    const { nodes, edges } = db.getData();
    const states = nodes.map((node) => node.id);
    const relations = edges.map((edge) => [edge.start, edge.end]);
    console.log(JSON.stringify({ file, states, relations }));
  } catch (error) {
    console.log(JSON.stringify({ file, error: String(error?.message ?? error) }));
  }
}
