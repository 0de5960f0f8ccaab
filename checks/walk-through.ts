import { spawnSync } from 'node:child_process'
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, delimiter, dirname, join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { documentSteps, type Step } from './document-steps.ts'
import { repositoryRoot } from './workspace.ts'

// does what each page of docs says, in a copy of the repository of its own
const left = new Set(['node_modules', 'dist', 'coverage', '.git', '.turbo', '.switchyard'])

function copyOfRepository(): string {
  const copy = mkdtempSync(join(tmpdir(), 'switchyard-walk-through-'))
  cpSync(repositoryRoot, copy, { recursive: true, filter: path => !left.has(basename(path)) })
  return copy
}

/** As a newcomer's shell: nothing of the commands that run this. */
function environment(): NodeJS.ProcessEnv {
  const outer = Object.entries(process.env).filter(([name]) => !/^(npm_|pnpm_|VITEST|NODE_|CI$|INIT_CWD$)/i.test(name))
  const path = (process.env.PATH ?? '').split(delimiter).filter(folder => !folder.includes('node_modules'))
  return { ...Object.fromEntries(outer), PATH: path.join(delimiter), npm_config_yes: 'true', NO_COLOR: '1' }
}

/** What went wrong; `undefined` where the page is right. */
function walk(copy: string, steps: readonly Step[]): string | undefined {
  let printed = ''
  for (const step of steps) {
    if (step.type === 'command') {
      const started = performance.now()
      const { status, stdout, stderr } = spawnSync(step.command, {
        cwd: copy,
        env: environment(),
        shell: true,
        encoding: 'utf8',
        timeout: 300_000,
      })
      printed = `${stdout}${stderr}`
      console.log(`${((performance.now() - started) / 1000).toFixed(1).padStart(6)} s  ${step.command}`)
      if ((status !== 0) !== step.fails) return `line ${step.line}: exit code ${status}\n${printed}`
    } else if (step.type === 'output') {
      const missing = step.lines.find(line => !plain(printed).includes(plain(line)))
      if (missing !== undefined) return `line ${step.line}: it does not print "${missing}"\n${printed}`
    } else {
      const fault = edit(copy, step)
      if (fault !== undefined) return `line ${step.line}: ${fault}`
    }
  }
  return undefined
}

function edit(copy: string, step: Extract<Step, { readonly path: string }>): string | undefined {
  const path = join(copy, step.path)
  if (step.type === 'file') {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, step.text)
    return undefined
  }
  const text = readFileSync(path, 'utf8')
  if (!text.includes(step.removed)) return `${step.path} does not say: ${step.removed}`
  writeFileSync(
    path,
    text.replace(step.removed, () => step.added),
  )
  return undefined
}

// how wide a terminal is, and how it marks what failed, is nobody's business
function plain(text: string): string {
  return stripVTControlCharacters(text).replace(/\s+/g, ' ')
}

for (const page of globSync('docs/*.md', { cwd: repositoryRoot }).sort()) {
  const steps = documentSteps(readFileSync(join(repositoryRoot, page), 'utf8'))
  if (steps.length === 0) continue
  const copy = copyOfRepository()
  try {
    const fault = walk(copy, steps)
    if (fault === undefined) continue
    console.error(`${page}, ${fault}`)
    process.exitCode = 1
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}
