import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type ChainTarget, createChain } from '@switchyard/core'
import { createOpenAICompatible } from '@switchyard/openai-compatible'
import { freePort, listening } from '../../listening.ts'
import { stop } from '../../processes.ts'
import {
  type Ask,
  type Client,
  type Contender,
  model,
  type Pair,
  prompt,
  ToldError,
  type ToolCall,
  tool,
} from '../ask.ts'
import { behindGateway, openaiClient } from './openai-sdk.ts'

function chainClient(pair: Pair, first: Partial<ChainTarget> = {}): Client {
  const chain = createChain({
    id: 'keeper',
    targets: [
      { provider: createOpenAICompatible({ id: 'first', ...pair.primary }), model, ...first },
      {
        provider: createOpenAICompatible({
          id: 'second',
          ...pair.secondary,
          ...(pair.prefill && { capabilities: { prefill: true } }),
        }),
        model,
      },
    ],
    timeouts: { firstTokenMs: pair.limits.silenceMs, idleMs: pair.limits.silenceMs, totalMs: pair.limits.totalMs },
    // what a configuration has by default
    holdBack: {},
  })
  const request = (ask: Ask) => ({
    messages: [{ role: 'user' as const, content: prompt }],
    stream: ask.stream,
    ...(ask.tool && { tools: [{ name: tool.name, description: tool.description, parameters: tool.parameters }] }),
  })
  return {
    async ask(ask, onText) {
      const stream = await chain.sendMessage(request(ask) as Parameters<typeof chain.sendMessage>[0])
      const toolCalls: ToolCall[] = []
      if (!ask.stream) {
        const { content } = await stream.response()
        let text = ''
        for (const part of content) {
          if (part.type === 'text') text += part.text
          else if (part.type === 'tool-call') {
            if (part.invalid !== undefined) throw new ToldError('invalid tool call')
            toolCalls.push({ name: part.name, arguments: part.input })
          }
        }
        return { text, toolCalls }
      }
      let text = ''
      let name = ''
      for await (const chunk of stream) {
        if (chunk.type === 'text-delta') {
          text += chunk.text
          if (!onText(chunk.text)) break
        } else if (chunk.type === 'tool-call-start') {
          name = chunk.name
        } else if (chunk.type === 'tool-call-end') {
          if (chunk.invalid !== undefined) throw new ToldError('invalid tool call')
          toolCalls.push({ name, arguments: chunk.input })
        }
      }
      return { text, toolCalls }
    },
  }
}

export const switchyardChain: Contender = {
  name: '**Switchyard chain**',
  packages: ['@switchyard/core', '@switchyard/openai-compatible'],
  setup: 'two targets on `@switchyard/openai-compatible`, `holdBack: {}`; everything else as it comes',
  async open(pairs) {
    return { clients: pairs.map(pair => chainClient(pair)), close: async () => {} }
  },
}

export const switchyardChainOnce: Contender = {
  name: '**Switchyard chain**, first target asked once',
  packages: ['@switchyard/core', '@switchyard/openai-compatible'],
  setup: 'the same, with `retry: { attempts: 1 }` for the first target',
  async open(pairs) {
    return { clients: pairs.map(pair => chainClient(pair, { retry: { attempts: 1 } })), close: async () => {} }
  },
}

export const switchyardGateway: Contender = {
  name: '**Switchyard gateway**',
  packages: ['@switchyard/gateway'],
  setup: 'two targets in a configuration, everything but the time limits as it comes; the official client before it',
  async open(pairs) {
    const folder = await mkdtemp(join(tmpdir(), 'switchyard-faults-'))
    const file = join(folder, 'switchyard.yaml')
    await writeFile(file, configuration(pairs))
    const port = await freePort()
    const main = fileURLToPath(new URL('../../../apps/gateway/dist/main.js', import.meta.url))
    const { child, address } = await listening([main, '--config', file, '--port', String(port)], port, '/readyz')
    return {
      clients: pairs.map(({ limits }, at) =>
        openaiClient({ baseURL: `${address}/v1`, apiKey: 'none', model: `chain${at}`, ...behindGateway(limits) }),
      ),
      async close() {
        await stop(child)
        await rm(folder, { recursive: true })
      },
    }
  },
}

function configuration(pairs: readonly Pair[]): string {
  const providers: Record<string, object> = {}
  const chains: Record<string, object> = {}
  const models: Record<string, object> = {}
  for (const [at, { primary, secondary, prefill, limits }] of pairs.entries()) {
    providers[`first${at}`] = { type: 'openai-compatible', ...primary }
    providers[`second${at}`] = { type: 'openai-compatible', ...secondary }
    const { silenceMs, totalMs } = limits
    const timeouts = { firstToken: `${silenceMs}ms`, idle: `${silenceMs}ms`, total: `${totalMs}ms` }
    chains[`chain${at}`] = { timeouts, targets: [`first${at}/${model}`, `second${at}/${model}`] }
    if (prefill) models[`second${at}/${model}`] = { capabilities: { prefill: true } }
  }
  // JSON is YAML
  return JSON.stringify({ providers, models, chains }, null, 1)
}
