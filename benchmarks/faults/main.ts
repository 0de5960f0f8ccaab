// Faults against contenders: every cell measured anew, then written into README.md and matrix.json.
import { spawn } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Cell } from './cell.ts'
import { contenders } from './contenders/all.ts'
import { type Measured, matrixPage } from './page.ts'

const began = performance.now()
// they mostly wait; more at once would measure each other
const atOnce = 3
const waiting = Object.keys(contenders)
const measured = new Map<string, Measured>()

async function worker(): Promise<void> {
  for (let key = waiting.shift(); key !== undefined; key = waiting.shift()) measured.set(key, await run(key))
}

function run(key: string): Promise<Measured> {
  const file = fileURLToPath(new URL('./contender-run.ts', import.meta.url))
  const child = spawn(process.execPath, [file], {
    env: { ...process.env, NAME: key },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const cells: Cell[] = []
  let told = { name: key, setup: '', packages: [] as readonly string[] }
  let complaint = ''
  createInterface({ input: child.stdout }).on('line', line => {
    if (!line.startsWith('{')) return
    const said = JSON.parse(line)
    if ('row' in said) cells.push(said)
    else told = said
  })
  child.stderr.on('data', data => {
    complaint = (complaint + data).slice(-2_000)
  })
  return new Promise(resolve =>
    child.once('close', code => {
      console.log(`${told.name}: ${cells.length} cells, ${Math.round((performance.now() - began) / 1_000)} s`)
      resolve({ ...told, key, cells, ...(code !== 0 && { failure: `ended with code ${code}: ${complaint}` }) })
    }),
  )
}

await Promise.all(Array.from({ length: atOnce }, worker))
const matrix = Object.keys(contenders).flatMap(key => measured.get(key) ?? [])
const page = new URL('./README.md', import.meta.url)
const seconds = Math.round((performance.now() - began) / 1_000)
await writeFile(page, await matrixPage(await readFile(page, 'utf8'), matrix, seconds))
await writeFile(new URL('./matrix.json', import.meta.url), `${JSON.stringify(matrix, null, 1)}\n`)
for (const { name, failure } of matrix) if (failure !== undefined) console.log(`${name} ${failure}`)
