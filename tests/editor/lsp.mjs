// What an author sees while typing a chart: completion, hover and problems, asked from the YAML language server that
// VS Code, Neovim, Helix and others run.
//
//   node tests/editor/lsp.mjs SERVER
//
// SERVER is the script of yaml-language-server (`cargo xtask setup` installs it). The schema comes from
// `statehold schema`, and the charts name it in their first line, as the documentation says. Nothing here waits for a
// time: every step waits for an answer, and the whole has one deadline.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const DEADLINE_MS = 120_000;
const FIRST_LINE = "# yaml-language-server: $schema=chart-1.json\n";

/** A language server as a child process that speaks JSON-RPC over its standard streams. */
class Server {
  #child;
  #pending = new Map();
  #waiting = new Map();
  #diagnostics = new Map();
  #next = 1;
  #input = Buffer.alloc(0);

  constructor(script) {
    this.#child = spawn(process.execPath, [script, "--stdio"], { stdio: ["pipe", "pipe", "inherit"] });
    this.#child.stdout.on("data", (bytes) => this.#read(bytes));
    this.#child.on("exit", (code) => {
      for (const { reject } of this.#pending.values()) reject(new Error(`the server ended with ${code}`));
    });
  }

  /** Asks, and waits for the answer. */
  request(method, params) {
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#write({ id, method, params });
    });
  }

  notify(method, params) {
    this.#write({ method, params });
  }

  /** The problems of a document, once the server has looked at it. */
  diagnostics(uri) {
    const known = this.#diagnostics.get(uri);
    return known ?? new Promise((resolve) => this.#waiting.set(uri, resolve));
  }

  stop() {
    this.#child.removeAllListeners("exit");
    this.#child.kill();
  }

  #write(message) {
    const text = JSON.stringify({ jsonrpc: "2.0", ...message });
    this.#child.stdin.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
  }

  #read(bytes) {
    this.#input = Buffer.concat([this.#input, bytes]);
    for (;;) {
      const end = this.#input.indexOf("\r\n\r\n");
      if (end < 0) return;
      const length = Number(/Content-Length: (\d+)/i.exec(this.#input.subarray(0, end).toString())?.[1]);
      const body = end + 4;
      if (this.#input.length < body + length) return;
      const message = JSON.parse(this.#input.subarray(body, body + length).toString());
      this.#input = this.#input.subarray(body + length);
      this.#take(message);
    }
  }

  #take(message) {
    if (message.method && message.id !== undefined) {
      this.#answer(message);
    } else if (message.method === "textDocument/publishDiagnostics") {
      const { uri, diagnostics } = message.params;
      this.#diagnostics.set(uri, diagnostics);
      this.#waiting.get(uri)?.(diagnostics);
      this.#waiting.delete(uri);
    } else if (message.id !== undefined) {
      const { resolve, reject } = this.#pending.get(message.id) ?? {};
      this.#pending.delete(message.id);
      message.error ? reject?.(new Error(message.error.message)) : resolve?.(message.result);
    }
  }

  /** The server asks for our settings, among other things; it needs no more than an answer. */
  #answer({ id, method, params }) {
    const settings = {
      yaml: { validate: true, hover: true, completion: true, schemaStore: { enable: false } },
      http: {},
    };
    const result = method === "workspace/configuration" ? params.items.map(({ section }) => settings[section] ?? null) : null;
    const text = JSON.stringify({ jsonrpc: "2.0", id, result });
    this.#child.stdin.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
  }
}

/** Opens a chart; `|` in its text is where the cursor stands. */
let opened = 0;
function open(server, folder, text) {
  const marked = FIRST_LINE + text;
  const at = marked.indexOf("|");
  const before = at < 0 ? "" : marked.slice(0, at);
  const plain = at < 0 ? marked : before + marked.slice(at + 1);
  const file = join(folder, `c${opened++}.chart.yaml`);
  writeFileSync(file, plain);
  const uri = pathToFileURL(file).href;
  server.notify("textDocument/didOpen", { textDocument: { uri, languageId: "yaml", version: 1, text: plain } });
  const line = before.split("\n").length - 1;
  const character = before.length - (before.lastIndexOf("\n") + 1);
  return { uri, place: { textDocument: { uri }, position: { line, character } } };
}

const HEAD = "statehold: 1\nmachine: m\nversion: 1\ninitial: a\n";

async function labels(server, folder, text) {
  const { place } = open(server, folder, HEAD + text);
  const answer = await server.request("textDocument/completion", place);
  return (answer.items ?? answer).map((item) => item.label);
}

async function hover(server, folder, text) {
  const { place } = open(server, folder, HEAD + text);
  const answer = await server.request("textDocument/hover", place);
  const { contents } = answer ?? { contents: "" };
  return typeof contents === "string" ? contents : contents.value;
}

async function problems(server, folder, text) {
  const { uri } = open(server, folder, HEAD + text);
  return (await server.diagnostics(uri)).map(({ message, range }) => ({ message, line: range.start.line }));
}

const TESTS = {
  async "completion inside a state offers its keys"(server, folder) {
    const found = await labels(server, folder, "states:\n  a:\n    |\n  b: {}\n");
    for (const key of ["on", "after", "entry", "invoke", "type", "always"]) assert.ok(found.includes(key), `${key}: ${found}`);
    assert.ok(!found.includes("guard"), `${found}`);
  },
  async "completion inside a transition offers its keys"(server, folder) {
    const found = await labels(server, folder, "states:\n  a:\n    on:\n      pay:\n        |\n  b: {}\n");
    for (const key of ["target", "guard", "assign", "effects"]) assert.ok(found.includes(key), `${key}: ${found}`);
    assert.ok(!found.includes("after"), `${found}`);
  },
  async "completion of a value offers what may stand there"(server, folder) {
    const found = await labels(server, folder, "states:\n  a:\n    type: |\n");
    for (const value of ["final", "parallel", "history"]) assert.ok(found.includes(value), `${value}: ${found}`);
  },
  async "completion inside the request of an effect offers its methods"(server, folder) {
    const found = await labels(server, folder, "states:\n  a: {}\neffects:\n  e:\n    http:\n      method: |\n");
    for (const value of ["GET", "POST", "DELETE"]) assert.ok(found.includes(value), `${value}: ${found}`);
  },
  async "hover on after says what timers are"(server, folder) {
    const words = await hover(server, folder, "states:\n  a:\n    af|ter: { 48h: b }\n  b: { type: final }\n");
    assert.match(words, /timers/i);
    assert.match(words, /48h/);
  },
  async "hover on a key of an effect says what it does"(server, folder) {
    const words = await hover(server, folder, "states:\n  a: {}\neffects:\n  e:\n    ti|meout: 10s\n    handler: h\n");
    assert.match(words, /five minutes/);
  },
  async "a wrong key is a problem at its line"(server, folder) {
    const found = await problems(server, folder, "states:\n  a:\n    on:\n      pay:\n        target: b\n        gaurd: true\n  b: { type: final }\n");
    assert.ok(found.some(({ message, line }) => message.includes("gaurd") && line === 10), JSON.stringify(found));
  },
  async "a chart without problems has none"(server, folder) {
    const found = await problems(server, folder, "states:\n  a:\n    on: { pay: b, cancel: [ { target: b, guard: 1 < 2 } ] }\n    after: { 48h: b }\n  b: { type: final }\n");
    assert.deepEqual(found, []);
  },
};

async function main() {
  const [script] = process.argv.slice(2);
  if (!script) throw new Error("usage: node tests/editor/lsp.mjs SERVER");
  const folder = mkdtempSync(join(tmpdir(), "statehold-editor-"));
  const schema = execFileSync("cargo", ["run", "--quiet", "--package", "statehold-cli", "--", "schema"]);
  writeFileSync(join(folder, "chart-1.json"), schema);
  const server = new Server(script);
  const deadline = setTimeout(() => {
    console.error("the server did not answer in time");
    process.exit(1);
  }, DEADLINE_MS);
  let [passed, failed] = [0, 0];
  try {
    await server.request("initialize", {
      processId: process.pid,
      rootUri: pathToFileURL(folder).href,
      capabilities: {
        workspace: { configuration: true, didChangeConfiguration: { dynamicRegistration: true } },
        textDocument: { completion: { completionItem: { documentationFormat: ["markdown"] } }, hover: { contentFormat: ["markdown"] } },
      },
    });
    server.notify("initialized", {});
    for (const [name, test] of Object.entries(TESTS)) {
      try {
        await test(server, folder);
        passed++;
        console.log(`ok      ${name}`);
      } catch (error) {
        failed++;
        console.log(`FAILED  ${name}: ${error.message}`);
      }
    }
  } finally {
    clearTimeout(deadline);
    server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  // The line that `cargo xtask test` counts.
  console.log(`test result: ${failed ? "FAILED" : "ok"}. ${passed} passed; ${failed} failed`);
  process.exitCode = failed ? 1 : 0;
}

await main();
