#!/usr/bin/env node
// Stands for colabc where a test is about the client: answers the protocol's first steps and says
// what it heard in the file COLAB_FAKE_LOG. With COLAB_FAKE_DIES it ends before it answers.

import { appendFileSync } from "node:fs";

const note = (text) => {
  if (process.env.COLAB_FAKE_LOG) {
    appendFileSync(process.env.COLAB_FAKE_LOG, `${text}\n`);
  }
};

const [command, ...args] = process.argv.slice(2);
note(`${command} ${args.join(" ")}`.trim());

if (command === "graph") {
  note(`in ${process.cwd()}`);
  process.stdout.write("<p>a graph</p>");
} else if (command === "explain" && args[1] === "unknown") {
  process.stderr.write("nothing is called `unknown`\nand more\n");
  process.exitCode = 1;
} else if (command === "explain") {
  process.stdout.write(`${args[1]} is explained`);
} else if (command === "lsp" && process.env.COLAB_FAKE_DIES) {
  process.exitCode = 3;
} else if (command === "lsp") {
  serve();
}

function serve() {
  let buffer = Buffer.alloc(0);
  process.stdin.on("data", (chunk) => {
    buffer = Buffer.concat([buffer, chunk]);
    for (;;) {
      const head = /^Content-Length: (\d+)\r\n(?:[^\r]+\r\n)*\r\n/.exec(buffer.toString("latin1"));
      const end = head === null ? Infinity : head[0].length + Number(head[1]);
      if (buffer.length < end) {
        return;
      }
      answer(JSON.parse(buffer.subarray(head[0].length, end).toString("utf8")));
      buffer = buffer.subarray(end);
    }
  });
}

function answer({ id, method, params }) {
  note(method);
  if (method === "initialize") {
    const capabilities = { textDocumentSync: { openClose: true, change: 1 } };
    send({ id, result: { capabilities, serverInfo: { name: "colabc", version: "9.9.9" } } });
  } else if (method === "shutdown") {
    send({ id, result: null });
  } else if (method === "exit") {
    process.exit(0);
  } else if (method === "textDocument/didOpen" || method === "textDocument/didChange") {
    const text = params.textDocument.text ?? params.contentChanges[0].text;
    if (text.includes("crash")) {
      process.exit(1);
    }
    const range = { start: { line: 0, character: 0 }, end: { line: 0, character: 3 } };
    const bad = { range, severity: 1, code: "E0101", source: "colabc", message: "expected a value" };
    const diagnostics = text.includes("bad") ? [bad] : [];
    send({ method: "textDocument/publishDiagnostics", params: { uri: params.textDocument.uri, diagnostics } });
  }
}

function send(message) {
  const text = JSON.stringify({ jsonrpc: "2.0", ...message });
  process.stdout.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
}
