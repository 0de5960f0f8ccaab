import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'

// every `check:*` script of package.json in turn, all of them even after a failure
const { values } = parseArgs({ options: { report: { type: 'string' } } })
const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly scripts: Record<string, string> }
const names = Object.keys(manifest.scripts).filter(name => name.startsWith('check:'))

const results = names.map(name => {
  const started = performance.now()
  const { status, stdout, stderr } = spawnSync('pnpm', ['--silent', 'run', name], { encoding: 'utf8' })
  const passed = status === 0
  console.log(`${passed ? 'ok  ' : 'FAIL'} ${name} ${((performance.now() - started) / 1000).toFixed(1)} s`)
  if (!passed) console.log(`${stdout}${stderr}`)
  return { name, passed }
})

if (values.report) writeFileSync(values.report, JSON.stringify(results))
process.exitCode = results.every(({ passed }) => passed) ? 0 : 1
