#!/usr/bin/env node
import { runCommandLine } from './command-line.ts'

process.exitCode = await runCommandLine(process.argv.slice(2), {
  environment: process.env,
  directory: process.cwd(),
  // what is not a terminal takes lines of any length, and names must be whole there
  columns: process.stdout.columns ?? Number.POSITIVE_INFINITY,
  now: Date.now(),
  out: text => process.stdout.write(text),
  err: text => process.stderr.write(text),
})
