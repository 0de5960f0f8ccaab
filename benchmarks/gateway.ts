// Gateways before the same upstream, under the same load: requests and streamed chunks per second.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort, listening } from './listening.ts'
import { median, type Said, start, stop } from './processes.ts'

interface Gateway {
  readonly url: string
  readonly model: string
  readonly headers?: Record<string, string>
  stop(): Promise<void>
}

const rounds = Number(process.env.ROUNDS ?? 3)
const raw = 'undici pass-through proxy'

const gateways: Readonly<Record<string, (upstream: string) => Promise<Gateway>>> = {
  async [raw](upstream) {
    const { child, said } = await start('./pass-through-proxy.ts', { UPSTREAM: upstream })
    return { url: said.url, model: 'fixed', stop: () => stop(child) }
  },
  async 'switchyard gateway'(upstream) {
    const folder = await mkdtemp(join(tmpdir(), 'switchyard-benchmark-'))
    const file = join(folder, 'switchyard.yaml')
    const providers = `providers:\n  first: { type: openai-compatible, baseURL: "${upstream}", apiKey: none }\n`
    await writeFile(file, `${providers}chains:\n  fast:\n    targets: [first/fixed]\n`)
    const port = await freePort()
    const main = fileURLToPath(new URL('../apps/gateway/dist/main.js', import.meta.url))
    const url = await listening([main, '--config', file, '--port', String(port)], port, '/readyz')
    return {
      url: `${url.address}/v1`,
      model: 'fast',
      async stop() {
        await stop(url.child)
        await rm(folder, { recursive: true })
      },
    }
  },
  async 'Portkey gateway'(upstream) {
    const port = await freePort()
    const main = fileURLToPath(new URL('./node_modules/@portkey-ai/gateway/build/start-server.js', import.meta.url))
    const url = await listening([main, `--port=${port}`, '--headless'], port, '/')
    const headers = { 'x-portkey-provider': 'openai', 'x-portkey-custom-host': upstream }
    return { url: `${url.address}/v1`, model: 'fixed', headers, stop: () => stop(url.child) }
  },
}

for (const [mode, words, perWrite] of [
  ['whole', 20, 8],
  // a model speaks event by event; eight a write is a flood that only a proxy without eyes keeps up with
  ['stream', 200, 1],
  ['stream', 200, 8],
] as const) {
  const { child, said } = await start('./upstream.ts', { WORDS: String(words), EVENTS_PER_WRITE: String(perWrite) })
  const runs = new Map<string, Said[]>(Object.keys(gateways).map(name => [name, []]))
  for (let round = 0; round < rounds; round++) {
    for (const [name, create] of Object.entries(gateways)) {
      const gateway = await create(said.url)
      const stream = mode === 'stream' && { stream: true, stream_options: { include_usage: true } }
      const body = { model: gateway.model, messages: [{ role: 'user', content: 'Say a few words.' }], ...stream }
      const env = { URL: gateway.url, BODY: JSON.stringify(body), HEADERS: JSON.stringify(gateway.headers ?? {}) }
      try {
        runs.get(name)?.push((await start('./gateway-load.ts', env)).said)
      } catch (error) {
        console.log(`${name}: ${error instanceof Error ? error.message : error}`)
      }
      await gateway.stop()
    }
  }
  const unit = mode === 'stream' ? 'events' : 'requests'
  const figure = (name: string): number => median((runs.get(name) ?? []).map(run => run[unit] as number))
  console.log(`\n${mode === 'stream' ? `streams of ${words} words, ${perWrite} a write` : 'whole answers'}, 64 at once`)
  console.table(
    Object.fromEntries(
      [...runs.keys()].map(name => [
        name,
        {
          [mode === 'stream' ? 'chunks/s' : 'requests/s']: Math.round(figure(name)),
          '× raw proxy': Math.round((figure(name) / figure(raw)) * 100) / 100,
        },
      ]),
    ),
  )
  await stop(child)
}
