// A provider that costs next to nothing: fixed answers of the OpenAI chat dialect, over real HTTP.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const words = Number(process.env.WORDS ?? 20)
const head = { id: 'chatcmpl-1', created: 1_795_100_000, model: 'fixed' }
const usage = { prompt_tokens: 19, completion_tokens: words, total_tokens: 19 + words }
const text = Array.from({ length: words }, (_, index) => `word${index} `)

const event = (delta: object, finish_reason: string | null = null, extra: object = {}): Buffer => {
  const choices = [{ index: 0, delta, logprobs: null, finish_reason }]
  const chunk = { ...head, object: 'chat.completion.chunk', system_fingerprint: 'fp_1', choices, usage: null, ...extra }
  return Buffer.from(`data: ${JSON.stringify(chunk)}\n\n`)
}

const events = [
  event({ role: 'assistant', content: '' }),
  ...text.map(content => event({ content })),
  event({}, 'stop'),
  event({}, null, { choices: [], usage }),
  Buffer.from('data: [DONE]\n\n'),
]
// one event a write is how models speak; several, so that this server is not the one that is measured
const perWrite = Number(process.env.EVENTS_PER_WRITE ?? 8)
const writes = Array.from({ length: Math.ceil(events.length / perWrite) }, (_, index) =>
  Buffer.concat(events.slice(index * perWrite, (index + 1) * perWrite)),
)
const message = { role: 'assistant', content: text.join(''), refusal: null }
const choices = [{ index: 0, message, logprobs: null, finish_reason: 'stop' }]
const whole = Buffer.from(JSON.stringify({ ...head, object: 'chat.completion', choices, usage }))

const server = createServer((request, response) => {
  const body: Buffer[] = []
  request.on('data', piece => body.push(piece))
  request.on('end', () => {
    if (!Buffer.concat(body).includes('"stream":true')) {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': whole.length })
      response.end(whole)
      return
    }
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
    let at = 0
    const write = (): void => {
      if (response.destroyed) return
      const ready = response.write(writes[at++] as Buffer)
      if (at === writes.length) response.end()
      else if (ready) setImmediate(write)
      else response.once('drain', write)
    }
    write()
  })
})
server.keepAliveTimeout = 60_000
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
  console.log(JSON.stringify({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1` }))
})
