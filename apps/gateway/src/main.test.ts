// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are references to environment variables

import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type Fault, startSimulator } from '@switchyard/simulator'
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'

// a machine that is busy starts processes slowly
vi.setConfig({ testTimeout: 90_000 })
const patient = { timeout: 60_000, interval: 20 }

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url))
const run = promisify(execFile)

let directory: string
const running: ChildProcess[] = []
const cleanup: (() => Promise<unknown>)[] = []
beforeAll(() => {
  if (!existsSync(main)) throw new Error('Build first: npx pnpm@12 build')
})
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'switchyard-gateway-'))
})
afterEach(async () => {
  for (const child of running.splice(0)) if (child.exitCode === null) child.kill('SIGKILL')
  await Promise.all(cleanup.splice(0).map(clean => clean()))
  await rm(directory, { recursive: true })
})

interface Started {
  readonly child: ChildProcess
  readonly url: string
  readonly output: () => string
  readonly errors: () => string
  readonly exited: Promise<{ readonly code: number | null; readonly stderr: string }>
}

function start(args: readonly string[], environment: Record<string, string> = {}): Omit<Started, 'url'> {
  const child = spawn(process.execPath, [main, ...args], {
    cwd: directory,
    // an Ollama of the machine is none of the tests'
    env: { PATH: process.env.PATH ?? '', OLLAMA_HOST: '127.0.0.1:1', ...environment },
  })
  running.push(child)
  let output = ''
  let stderr = ''
  child.stdout.on('data', text => {
    output += text
  })
  child.stderr.on('data', text => {
    stderr += text
  })
  const exited = new Promise<{ code: number | null; stderr: string }>(resolve =>
    child.on('close', code => resolve({ code, stderr })),
  )
  return { child, output: () => output, errors: () => stderr, exited }
}

async function serving(args: readonly string[], environment?: Record<string, string>): Promise<Started> {
  const started = start(args, environment)
  const failed = started.exited.then(({ stderr }) => {
    throw new Error(`it did not start: ${stderr}`)
  })
  failed.catch(() => {})
  const greeted = expect.poll(started.output, patient).toMatch(/Try it:\n.*\n/)
  await Promise.race([greeted, failed])
  const url = /serves on (http:\S+)/.exec(started.output())?.[1] ?? ''
  return { ...started, url }
}

test('without keys it serves simulated providers and says so; the curl line works as it is printed', async () => {
  const { url, output, child, exited } = await serving(['--port', '0'])
  expect(output()).toContain('demo  simulated-a/model, then simulated-b/model')
  expect(output()).toContain('SIMULATED: no real model answers here.')
  const line = /^ {2}(curl .*)$/m.exec(output())?.[1] ?? ''
  const answer = execFileSync('sh', ['-c', `${line} --silent --include`], { encoding: 'utf8' })
  expect(answer).toMatch(/^HTTP\/1.1 200/)
  expect(answer).toMatch(/x-switchyard-simulated: true/i)
  expect(answer).toContain('"simulated":true')
  // mistakes and lists too: nothing here is real
  for (const path of ['v1/models', 'v1/models/nothing', 'nowhere']) {
    expect((await fetch(`${url}/${path}`)).headers.get('x-switchyard-simulated')).toBe('true')
  }
  child.kill('SIGTERM')
  expect((await exited).code).toBe(0)
})

test('an Ollama that answers is served where nothing else is', async () => {
  await using simulator = await startSimulator({ api: 'ollama', models: [{ id: 'talker' }] })
  const { output } = await serving(['--port', '0'], { OLLAMA_HOST: simulator.url })
  expect(output()).toContain('default  ollama/talker')
  expect(output()).not.toContain('SIMULATED')
})

test('with a schedule it asks for models at the start, logs what is new and keeps it in the data directory', async () => {
  await using simulator = await startSimulator()
  await writeFile(
    join(directory, 'switchyard.yaml'),
    `providers: { lab: { type: openai-compatible, baseURL: "${simulator.baseURL}", apiKey: "\${LAB_KEY}" } }
chains: { c: { targets: [lab/x] } }
catalog: { sync: "0 4 * * *" }`,
  )
  const data = join(directory, 'data')
  const { child, exited, output } = await serving(['--port', '0'], {
    LAB_KEY: simulator.apiKey,
    SWITCHYARD_DATA_DIR: data,
  })
  await expect.poll(() => existsSync(join(data, 'models.json')), patient).toBe(true)
  child.kill('SIGTERM')
  expect((await exited).code).toBe(0)
  expect(output()).toMatch(/"event":"model-new","provider":"lab","model":"gpt-sim"/)
})

test('SIGTERM: it finishes a stream, then exits 0', async () => {
  await using simulator = await startSimulator({
    anyModel: true,
    reply: { type: 'answer', pieces: [...'slowly but surely'] },
  })
  simulator.setFault({ type: 'drip', ms: 30 })
  await writeFile(
    join(directory, 'switchyard.yaml'),
    `providers: { lab: { type: openai-compatible, baseURL: "${simulator.baseURL}", apiKey: "\${LAB_KEY}" } }
chains: { slow: { targets: [lab/x] } }`,
  )
  const { url, child, exited, output } = await serving(['--port', '0'], { LAB_KEY: simulator.apiKey })
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'slow', stream: true, messages: [{ role: 'user', content: 'Go.' }] }),
  })
  child.kill('SIGTERM')
  const text = await response.text()
  expect(text).toContain('[DONE]')
  const { code, stderr } = await exited
  expect(code).toBe(0)
  expect(stderr).toContain('SIGTERM: finishing what is running')
  expect(output()).toMatch(/"model":"slow".*"status":200/)
  expect(output() + stderr).not.toContain(simulator.apiKey)
})

test('killed in the middle of things, it still knows what was spent; a second one beside it is refused', async () => {
  await using simulator = await startSimulator({ anyModel: true })
  await writeFile(
    join(directory, 'switchyard.yaml'),
    `server: { budget: all }
budgets: { all: { limit: 1 USD, window: total } }
providers: { lab: { type: openai-compatible, baseURL: "${simulator.baseURL}", apiKey: ${simulator.apiKey}, maxTokens: 50, price: { input: 1, output: 2 } } }
chains: { c: { targets: [lab/x] } }`,
  )
  const first = await serving(['--port', '0'])
  const answer = await fetch(`${first.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'c', messages: [{ role: 'user', content: 'Go.' }] }),
  })
  await answer.text()
  const { code, stderr } = await start(['--port', '0']).exited
  expect(code).toBe(1)
  expect(stderr).toContain(join(directory, '.switchyard'))
  expect(stderr).toContain('SWITCHYARD_DATA_DIR names another.')
  first.child.kill('SIGKILL')
  await first.exited
  const second = await serving(['--port', '0'])
  const usage = (await (await fetch(`${second.url}/usage`)).json()) as {
    readonly total_requests: number
    readonly total_cost_usd: number
    readonly budgets: { readonly all: { readonly spent_usd: number } }
  }
  const cost = Number.parseFloat(answer.headers.get('x-switchyard-cost') ?? '')
  expect(cost).toBeGreaterThan(0)
  expect(usage).toMatchObject({ total_requests: 1, total_cost_usd: cost })
  // with what the dead one had set aside
  expect(usage.budgets.all.spent_usd).toBeGreaterThanOrEqual(cost)
  expect(usage.budgets.all.spent_usd).toBeLessThan(0.05)
})

test('a second signal stops it at once', async () => {
  const { child, errors, exited, asked } = await answering({ type: 'silence' })
  child.kill('SIGINT')
  await expect.poll(errors, patient).toContain('once more stops at once')
  await new Promise(resolve => setTimeout(resolve, 550))
  child.kill('SIGINT')
  expect((await exited).code).toBe(130)
  expect(await asked).toBeInstanceOf(Error)
})

test('a signal that comes twice within milliseconds is one: what runs is finished, exit code 0', async () => {
  const { child, exited, asked } = await answering({ type: 'slow', ms: 400 })
  // one of each: two of a kind could arrive as one, and a pause between them be as long as the machine likes
  child.kill('SIGINT')
  child.kill('SIGTERM')
  const { code, stderr } = await exited
  expect(code).toBe(0)
  expect(stderr.match(/finishing what is running/g)).toHaveLength(1)
  expect(await asked).toMatchObject({ status: 200 })
})

/** A gateway in the middle of an answer that its upstream makes with this fault. */
async function answering(fault: Fault) {
  const simulator = await startSimulator({ anyModel: true })
  cleanup.push(() => simulator.close())
  simulator.setFault(fault)
  await writeFile(
    join(directory, 'switchyard.yaml'),
    `server: { shutdownGrace: 5m }
providers: { lab: { type: openai-compatible, baseURL: "${simulator.baseURL}", apiKey: ${simulator.apiKey} } }
chains: { slow: { timeouts: { firstToken: 2m }, targets: [lab/x] } }`,
  )
  const started = await serving(['--port', '0'])
  const asked = fetch(`${started.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'slow', messages: [{ role: 'user', content: 'Go.' }] }),
  }).catch((error: unknown) => error)
  await simulator.waitForRequests(1)
  return { ...started, asked }
}

test('a port in use: a message with the cure, exit code 1', async () => {
  const taken = createServer()
  const port = await new Promise<number>(resolve =>
    taken.listen(0, '127.0.0.1', () => resolve((taken.address() as { port: number }).port)),
  )
  const { code, stderr } = await start(['--port', String(port)]).exited
  taken.close()
  expect(code).toBe(1)
  expect(stderr).toBe(
    `switchyard-gateway: Port ${port} on 127.0.0.1 is in use; --port N takes another, --port 0 any that is free.\n`,
  )
})

test.each([
  [
    'an unknown flag',
    ['--prot', '1'],
    '',
    2,
    "switchyard-gateway: Unknown option '--prot'; --help tells what there is\n",
  ],
  [
    'a configuration that is not there',
    ['--config', 'away.yaml'],
    '',
    1,
    'switchyard-gateway: away.yaml: there is no such file; --config names the configuration to use\n',
  ],
  [
    'mistakes in the configuration',
    [],
    'providers:\n  lab: { type: openai, apiKey: "${NO_KEY}" }\nbudgets: { b: {} }\nchains: { a: { targets: [a] } }',
    1,
    'switchyard-gateway: switchyard.yaml:2: providers.lab.apiKey: the environment variable NO_KEY is not set; set it, or write ${NO_KEY:-default}\nswitchyard.yaml:3: budgets.b.limit: expected an amount such as 10 USD\nswitchyard.yaml:3: budgets.b.window: this key is missing\nswitchyard.yaml:3: budgets.b: nothing holds this budget, so it would do nothing; write budget: b under server (for all), a provider, a model, a chain, a key or a tag\nswitchyard.yaml:4: chains.a.targets[0]: a chain must not name itself (a -> a); take this target out\n',
  ],
  [
    'a host that is none',
    ['--host', '127.0.0.999', '--port', '0'],
    '',
    1,
    'switchyard-gateway: The gateway has no keys to tell friends from strangers, so it serves this machine only, not 127.0.0.999; give it keys in its configuration, or use --host 127.0.0.1.\n',
  ],
  [
    'a host that others can reach',
    ['--host', '0.0.0.0'],
    '',
    1,
    'switchyard-gateway: The gateway has no keys to tell friends from strangers, so it serves this machine only, not 0.0.0.0; give it keys in its configuration, or use --host 127.0.0.1.\n',
  ],
])('%s', async (_, args, yaml, expected, message) => {
  if (yaml !== '') await writeFile(join(directory, 'switchyard.yaml'), yaml)
  const { code, stderr } = await start(args).exited
  expect(stderr).toBe(message)
  expect(code).toBe(expected)
})

test('--help tells what there is', async () => {
  const { stdout } = await run(process.execPath, [main, '--help'])
  expect(stdout).toContain('--config FILE')
})
