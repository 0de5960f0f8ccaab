import { usdPerMillion } from './prices.ts'

/** Pico-USD of the one hard budget. */
export const budgetLimit = 5_000_000_000_000n

export const leaseMs = 2_000

/** What a provider takes in any rolling minute. */
export interface FleetLimit {
  readonly requestsPerMinute?: number
  readonly tokensPerMinute?: number
}

/** Both are asked for more. The south takes what it is asked, so that the budget is spent whatever Redis lost. */
export const limits: Readonly<Record<'north' | 'west', FleetLimit>> = {
  north: { requestsPerMinute: 300 },
  west: { tokensPerMinute: 12_000 },
}

export interface Places {
  readonly north: string
  readonly south: string
  readonly west: string
  readonly database: string
  readonly redis: string
}

/** The configuration that all gateways share, as JSON. */
export function configuration({ north, south, west, database, redis }: Places): string {
  const provider = (baseURL: string) => ({ type: 'openai-compatible', baseURL, apiKey: 'sk-simulated' })
  const model = { maxOutputTokens: 4_096, contextWindow: 128_000, price: usdPerMillion }
  return JSON.stringify({
    server: { budget: 'fleet', shutdownGrace: '10s' },
    providers: {
      north: { ...provider(north), limit: 'north' },
      south: provider(south),
      west: { ...provider(west), limit: 'west' },
    },
    defaults: {
      retry: { attempts: 2, baseDelay: '20ms', maxDelay: '200ms' },
      timeouts: { connect: '2s', firstToken: '5s', idle: '5s', total: '30s' },
      circuitBreaker: { window: '10s', minimumCalls: 20, failureRate: 0.8, openFor: '1s', maxOpenFor: '2s' },
    },
    chains: {
      upwards: { midStream: 'fail', targets: ['south/gpt-sim', 'north/gpt-sim'] },
      downwards: { midStream: 'fail', targets: ['north/gpt-sim', 'south/gpt-sim'] },
    },
    models: { 'north/gpt-sim': model, 'south/gpt-sim': model, 'west/gpt-sim': model },
    budgets: { fleet: { limit: '5 USD', window: 'total' } },
    limits: { north: limits.north, west: { ...limits.west, mode: 'strict' } },
    ledger: { url: database, lease: `${leaseMs}ms` },
    redis: { url: redis, prefix: 'fleet' },
  })
}
