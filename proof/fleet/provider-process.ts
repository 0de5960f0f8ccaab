// Three simulated providers in a process of their own. Prints one line of JSON when they serve: { north, south, west, account }.
// GET account: every request they saw, with its bill. Ends when its standard input does.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Fault, type Simulator, startSimulator } from '@switchyard/simulator'
import type { ProviderRequest } from './provider-account.ts'
import { between, seededRandom, weighted } from './seeded-choice.ts'

const seed = process.env.FLEET_SEED ?? '1'

const north = await startProvider('north')
const south = await startProvider('south')
const west = await startProvider('west')

const account = createServer((_, response) => {
  response.setHeader('content-type', 'application/json')
  response.end(
    JSON.stringify([...requestsOf('north', north), ...requestsOf('south', south), ...requestsOf('west', west)]),
  )
})
account.listen(0, '127.0.0.1', () => {
  const { port } = account.address() as AddressInfo
  const bases = { north: north.baseURL, south: south.baseURL, west: west.baseURL }
  const said = { ...bases, account: `http://127.0.0.1:${port}` }
  process.stdout.write(`${JSON.stringify(said)}\n`)
})
process.stdin.resume().once('end', () => process.exit(0))

function startProvider(name: string): Promise<Simulator> {
  const arrivals = new Map<string, number>()
  return startSimulator({
    logLimit: 1_000_000,
    reply: request => {
      const random = seededRandom(seed, name, JSON.stringify(request.messages))
      const words = Array.from({ length: between(random, 15, 60) }, () => between(random, 1, 99_999).toString(36))
      // a cache that held some of the prompt
      return { type: 'answer', text: words.join(' '), cachedTokens: random() < 0.3 ? between(random, 1, 20) : 0 }
    },
    faults: ({ headers }) => {
      const trace = traceIdOf(headers.traceparent)
      const arrival = (arrivals.get(trace) ?? 0) + 1
      arrivals.set(trace, arrival)
      return faultsOf(seededRandom(seed, name, trace, arrival))
    },
  })
}

/** What a request meets; every kind of abandoned answer, some of them billed to the end. */
function faultsOf(random: () => number): readonly Fault[] {
  const drip: Fault = { type: 'drip', ms: between(random, 15, 60) }
  const atEvent = between(random, 0, 40)
  const goesOn: readonly Fault[] = random() < 0.5 ? [{ type: 'keeps-generating' }] : []
  return weighted<readonly Fault[]>(random, [
    [70, [drip]],
    [5, [{ type: 'slow', ms: between(random, 50, 600) }, drip, ...goesOn]],
    [4, [{ type: 'status', status: 503 }]],
    [2, [{ type: 'status', kind: 'rate-limit', retryAfter: 1 }]],
    [2, [{ type: 'status', status: 500 }]],
    [4, [{ type: 'cut', atEvent }, drip, ...goesOn]],
    [3, [{ type: 'reset', atByte: atEvent * 150 }, drip, ...goesOn]],
    [2, [{ type: 'stall', atEvent }, drip, ...goesOn]],
    [2, [{ type: 'reset' }, ...goesOn]],
    [1, [{ type: 'silence' }, ...goesOn]],
    [2, [{ type: 'no-usage' }, drip]],
    [2, [{ type: 'malformed-event', atEvent }, drip, ...goesOn]],
    [1, [{ type: 'error-event', atEvent }, drip, ...goesOn]],
  ])
}

function requestsOf(provider: string, simulator: Simulator): readonly ProviderRequest[] {
  const bills = new Map(simulator.bill.entries.map(entry => [entry.requestId, entry]))
  return simulator.requests
    .filter(({ method }) => method === 'POST')
    .map(({ id, headers, body, receivedAt }) => {
      const bill = bills.get(id)
      return {
        provider,
        traceId: traceIdOf(headers.traceparent),
        arrivedAt: receivedAt,
        bodyBytes: Buffer.byteLength(JSON.stringify(body ?? '')),
        maxTokens: Number((body as { max_tokens?: number } | undefined)?.max_tokens ?? 0),
        ...(bill && { bill }),
      }
    })
}

function traceIdOf(traceParent: string | undefined): string {
  return traceParent?.split('-')[1] ?? ''
}
