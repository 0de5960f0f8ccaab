// Load on one gateway, from a process of its own, counted in requests or in streamed events.
import { Agent } from 'undici'

const { URL: base = '', HEADERS = '{}', BODY = '', CONCURRENT = '64', SECONDS = '4' } = process.env
const target = new URL(`${base}/chat/completions`)
const agent = new Agent({ pipelining: 1 })
const headers = { 'content-type': 'application/json', authorization: 'Bearer benchmark', ...JSON.parse(HEADERS) }
const marker = Buffer.from('data: {')

async function ask(): Promise<number> {
  const answer = await agent.request({
    origin: target.origin,
    path: target.pathname,
    method: 'POST',
    headers,
    body: BODY,
  })
  if (answer.statusCode !== 200) throw new Error(`status ${answer.statusCode}: ${await answer.body.text()}`)
  const pieces: Buffer[] = []
  for await (const piece of answer.body) pieces.push(piece)
  return events(Buffer.concat(pieces))
}

function events(body: Buffer): number {
  let count = 0
  for (let at = body.indexOf(marker); at >= 0; at = body.indexOf(marker, at + 1)) count++
  return count
}

async function during(milliseconds: number): Promise<{ waits: number[]; events: number }> {
  const end = performance.now() + milliseconds
  const total = { waits: [] as number[], events: 0 }
  const caller = async (): Promise<void> => {
    for (let asked = performance.now(); asked < end; ) {
      total.events += await ask()
      const answered = performance.now()
      total.waits.push(answered - asked)
      asked = answered
    }
  }
  await Promise.all(Array.from({ length: Number(CONCURRENT) }, caller))
  return total
}

process.on('uncaughtException', error => {
  console.error(error.message)
  process.exit(1)
})

await during(1_500)
const began = performance.now()
const total = await during(Number(SECONDS) * 1_000)
const seconds = (performance.now() - began) / 1_000
const waits = total.waits.sort((one, other) => one - other)
const requests = waits.length / seconds
const p50 = waits[Math.floor(waits.length / 2)]
console.log(JSON.stringify({ requests, events: total.events / seconds, p50 }))
process.exit(0)
