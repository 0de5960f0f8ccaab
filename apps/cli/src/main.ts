#!/usr/bin/env node
import { tooOld } from './node-version.ts'

const refusal = tooOld(process.versions.node)
if (refusal === undefined) {
  // not before it is known that this Node.js can
  const { runCommandLine } = await import('./command-line.ts')
  process.exitCode = await runCommandLine(process.argv.slice(2), {
    environment: process.env,
    directory: process.cwd(),
    // what is not a terminal takes lines of any length, and names must be whole there
    columns: process.stdout.columns ?? Number.POSITIVE_INFINITY,
    now: Date.now(),
    out: text => process.stdout.write(text),
    err: text => process.stderr.write(text),
  })
} else {
  process.stderr.write(`switchyard: ${refusal}\n`)
  process.exitCode = 1
}
