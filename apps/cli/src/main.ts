#!/usr/bin/env node
import { runCommandLine } from './command-line.ts'

process.exitCode = await runCommandLine(process.argv.slice(2), {
  environment: process.env,
  directory: process.cwd(),
  columns: process.stdout.columns ?? 80,
  now: Date.now(),
  out: text => process.stdout.write(text),
  err: text => process.stderr.write(text),
})
