// The least that a proxy can do: undici in, node:http out, nothing looked at.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Agent } from 'undici'

const upstream = new URL(process.env.UPSTREAM ?? '')
const agent = new Agent({ pipelining: 1 })
const server = createServer((request, response) => {
  const body: Buffer[] = []
  request.on('data', piece => body.push(piece))
  request.on('end', async () => {
    const path = `${upstream.pathname}/chat/completions`
    const headers = { 'content-type': 'application/json', authorization: 'Bearer benchmark' }
    const answer = await agent.request({
      origin: upstream.origin,
      path,
      method: 'POST',
      headers,
      body: Buffer.concat(body),
    })
    response.writeHead(answer.statusCode, { 'content-type': String(answer.headers['content-type']) })
    answer.body.pipe(response)
  })
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => {
  console.log(JSON.stringify({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1` }))
})
