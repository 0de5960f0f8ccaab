import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { firstText, hello, startTwoTargets, type TwoTargets, wholeText } from './testing/two-targets.ts'

function ask(pair: TwoTargets, body: object): ClientRequest {
  const request = httpRequest(`${pair.gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
  })
  request.on('error', () => {})
  request.end(JSON.stringify(body))
  return request
}

const answered = (request: ClientRequest): Promise<IncomingMessage> =>
  new Promise(resolve => request.on('response', resolve))
// the simulator's clock
const now = () => performance.timeOrigin + performance.now()

/** Runs it until it is quick enough, a few times at most: a busy machine may be late once, but not always. */
async function quickest(attempt: () => Promise<number>): Promise<number> {
  let best = Number.POSITIVE_INFINITY
  for (let tries = 0; tries < 5 && best >= 50; tries++) best = Math.min(best, await attempt())
  return best
}

describe('a client that goes away closes the upstream within 50 ms', () => {
  const patient = { timeouts: '{ firstToken: 10s, idle: 10s, total: 20s }' }
  const closedAfter = async (pair: TwoTargets, request: ClientRequest): Promise<number> => {
    const left = now()
    request.destroy()
    const { closedByClientAt = Number.NaN } = await pair.first.waitForClose()
    return closedByClientAt - left
  }

  test('in the middle of a stream', async () => {
    await using pair = await startTwoTargets(patient)
    pair.first.setFault({ type: 'drip', ms: 200 })
    const took = await quickest(async () => {
      const request = ask(pair, { ...hello, stream: true })
      const response = await answered(request)
      await new Promise(resolve => response.once('data', resolve))
      return closedAfter(pair, request)
    })
    expect(took).toBeLessThan(50)
    expect(pair.second.requestCount).toBe(0)
    await expect.poll(() => pair.log[0]).toMatchObject({ left: true, target: 'first/model-a', attempts: 1 })
  })

  test.each([true, false])('before there are headers (stream: %s)', async stream => {
    await using pair = await startTwoTargets(patient)
    pair.first.setFault({ type: 'silence' })
    const took = await quickest(async () => {
      const before = pair.first.requestCount
      const request = ask(pair, { ...hello, stream })
      await pair.first.waitForRequests(before + 1)
      await sleep(20)
      return closedAfter(pair, request)
    })
    expect(took).toBeLessThan(50)
    expect(pair.second.requestCount).toBe(0)
  })

  test('while an answer in one piece is made', async () => {
    await using pair = await startTwoTargets(patient)
    pair.first.setFault({ type: 'drip', ms: 100 })
    const took = await quickest(async () => {
      const before = pair.first.requestCount
      const request = ask(pair, { ...hello, stream: false })
      await pair.first.waitForRequests(before + 1)
      await sleep(150)
      return closedAfter(pair, request)
    })
    expect(took).toBeLessThan(50)
  })

  test('and nobody else notices', async () => {
    await using pair = await startTwoTargets()
    for (let at = 0; at < 20; at++) ask(pair, { ...hello, stream: at % 2 === 0 }).destroy()
    expect(await wholeText(pair.client)).toBe(firstText)
  })
})

test('a client that reads slowly holds the upstream back, and gets every byte', async () => {
  const piece = 'x'.repeat(50_000)
  const pieces = Array.from({ length: 1_000 }, () => piece)
  await using pair = await startTwoTargets({
    reply: { type: 'answer', pieces },
    timeouts: '{ connect: 20s, firstToken: 20s, idle: 20s, total: 50s }',
  })
  const response = await answered(ask(pair, { ...hello, stream: true }))
  response.pause()
  let held = Number.NaN
  // what the sockets between hold, and at last not a byte more as time goes on
  for (let before = -1; held !== before; await sleep(300)) {
    before = held
    held = pair.first.requests[0]?.bytesSent ?? 0
  }
  expect(held).toBeGreaterThan(0)
  expect(held).toBeLessThan(25_000_000)
  expect(process.memoryUsage().arrayBuffers).toBeLessThan(60_000_000)
  let bytes = 0
  let last = ''
  for await (const read of response) {
    bytes += (read as Buffer).length
    last = `${last}${read}`.slice(-20)
  }
  expect(bytes).toBeGreaterThan(50_000_000)
  expect(last).toContain('[DONE]')
})

test('what one upstream read held is one write to the client', async () => {
  await using pair = await startTwoTargets()
  const response = await answered(ask(pair, { ...hello, stream: true }))
  const reads: string[] = []
  for await (const read of response) reads.push(String(read))
  const events = reads.join('').split('\n\n').length
  expect(events).toBeGreaterThan(5)
  expect(reads.length).toBeLessThanOrEqual(events)
})

describe('stopping', () => {
  test('finishes what is running, refuses what is new, and closes what is open', async () => {
    await using pair = await startTwoTargets()
    pair.first.setFault({ type: 'drip', ms: 60 })
    const running = pair.client.chat.completions.stream(hello).finalChatCompletion()
    await pair.first.waitForRequests(1)
    await sleep(50)
    const closed = pair.gateway.close({ graceMs: 5_000 })
    await expect(fetch(`${pair.gateway.url}/readyz`)).rejects.toThrow()
    expect((await running).choices[0]?.message.content).toBe(firstText)
    await closed
    await expect.poll(() => pair.first.openSockets).toBe(0)
  })

  test('ends what is still running after the grace time, with an error in the stream', async () => {
    await using pair = await startTwoTargets({ timeouts: '{ idle: 10s, total: 20s }' })
    pair.first.setFault({ type: 'stall', atEvent: 4 })
    const response = await answered(ask(pair, { ...hello, stream: true }))
    let text = ''
    response.on('data', read => {
      text += read
    })
    const ended = new Promise(resolve => response.once('close', resolve))
    await sleep(100)
    const started = performance.now()
    await pair.gateway.close({ graceMs: 100 })
    expect(performance.now() - started).toBeLessThan(600)
    await ended
    expect(text).toContain('The gateway is stopping')
    expect(text).not.toContain('[DONE]')
  })

  test('says so to whoever was about to ask', async () => {
    await using pair = await startTwoTargets()
    pair.first.setFault({ type: 'drip', ms: 40 })
    const running = wholeText(pair.client)
    await pair.first.waitForRequests(1)
    const begun = ['GET /readyz', 'POST /v1/chat/completions'].map(line => beginRequest(pair.gateway.url, line))
    await sleep(50)
    const closed = pair.gateway.close({ graceMs: 5_000 })
    for (const answer of await Promise.all(begun.map(request => request.finish()))) {
      expect(answer).toMatch(/^HTTP\/1.1 503 /)
      expect(answer).toContain('stopping')
    }
    expect(await running).toBe(firstText)
    await closed
  })
})

/** Sends a request but for its last line, which waits for `finish`. */
function beginRequest(url: string, line: string) {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.write(`${line} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 2\r\n`)
  return {
    async finish(): Promise<string> {
      socket.write('\r\n{}')
      let answer = ''
      for await (const read of socket) {
        answer += read
        if (answer.includes('\r\n\r\n{')) break
      }
      return answer
    },
  }
}
