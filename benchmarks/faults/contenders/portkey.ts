import { fileURLToPath } from 'node:url'
import { freePort, listening } from '../../listening.ts'
import { stop } from '../../processes.ts'
import type { Client, Contender, Pair } from '../ask.ts'
import { behindGateway, openaiClient } from './openai-sdk.ts'

function headers({ primary, secondary }: Pair, requestTimeout: number) {
  const targets = [primary, secondary].map(({ baseURL, apiKey }) => ({
    provider: 'openai',
    api_key: apiKey,
    custom_host: baseURL,
    retry: { attempts: 2 },
    request_timeout: requestTimeout,
  }))
  return { 'x-portkey-config': JSON.stringify({ strategy: { mode: 'fallback' }, targets }) }
}

export const portkey: Contender = {
  name: 'Portkey gateway',
  packages: ['@portkey-ai/gateway'],
  setup:
    '`strategy: fallback` over both, two retries each, `request_timeout`; the official client before it. On `@hono/node-server` 1.13.8: with later ones it answers every stream with 500',
  async open(pairs) {
    const port = await freePort()
    const main = fileURLToPath(new URL('../../node_modules/@portkey-ai/gateway/build/start-server.js', import.meta.url))
    const { child, address } = await listening([main, `--port=${port}`, '--headless'], port, '/')
    const clients = pairs.map((pair): Client => {
      const { limits } = pair
      const limited = (limit: number): Client =>
        openaiClient({
          baseURL: `${address}/v1`,
          apiKey: 'none',
          headers: headers(pair, limit),
          ...behindGateway(limits),
        })
      const streaming = limited(limits.silenceMs)
      const whole = limited(limits.attemptMs)
      return { ask: (ask, onText) => (ask.stream ? streaming : whole).ask(ask, onText) }
    })
    return { clients, close: () => stop(child) }
  },
}
