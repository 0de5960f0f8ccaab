import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

// the start command of the README, as a newcomer types it: no file, no key
const port = await freePort()
const gateway = spawn('npx', ['--yes', 'pnpm@12', 'start', '--port', String(port)], {
  stdio: ['ignore', 'inherit', 'inherit'],
  // no provider's own settings: the simulated ones must answer
  env: Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('OPENAI_'))),
  detached: true,
})
const exited = once(gateway, 'exit') as Promise<[number | null, NodeJS.Signals | null]>
const url = `http://127.0.0.1:${port}`

try {
  await ready(Date.now() + 180_000)
  const reply = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'demo', messages: [{ role: 'user', content: 'Hello' }] }),
    signal: AbortSignal.timeout(30_000),
  })
  const text = await reply.text()
  if (reply.status !== 200) throw new Error(`the gateway answered ${reply.status}: ${text}`)
  const answer = JSON.parse(text) as { choices?: { message?: { content?: unknown } }[] }
  const content = answer.choices?.[0]?.message?.content
  if (typeof content !== 'string' || content === '') throw new Error(`no text in the answer: ${text}`)
  const says = [text, ...[...reply.headers].flat()].join('\n')
  if (!/simulated/i.test(says)) throw new Error(`the answer does not say that it is simulated: ${text}`)

  gateway.kill('SIGTERM')
  const ended = await Promise.race([exited, sleep(15_000, undefined, { ref: false })])
  if (!ended) throw new Error('still running 15 s after SIGTERM')
  if (ended[0] !== 0) throw new Error(`ended with ${ended[1] ?? ended[0]} after SIGTERM, not with 0`)
  const answers = await fetch(`${url}/healthz`).then(
    () => true,
    () => false,
  )
  if (answers) throw new Error('the gateway still answers after its starter has ended')
} finally {
  // whatever is left of the group that this script started
  if (gateway.pid !== undefined) {
    try {
      process.kill(-gateway.pid, 'SIGKILL')
    } catch {}
  }
}

async function ready(deadline: number): Promise<void> {
  while (Date.now() < deadline) {
    const early = await Promise.race([exited, sleep(200)])
    if (early) throw new Error(`ended with ${early[1] ?? early[0]} before it served`)
    const ok = await fetch(`${url}/readyz`).then(
      reply => reply.ok,
      () => false,
    )
    if (ok) return
  }
  throw new Error('not ready after 3 minutes')
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  server.close()
  await once(server, 'close')
  return address.port
}
