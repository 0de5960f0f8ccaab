/** Where everything is. */
export interface Places {
  readonly alpha: string
  readonly beta: string
  readonly gamma: string
  /** Absent: an SQLite. */
  readonly database: string | undefined
  readonly redis: string | undefined
}

/** The targets of all chains, each at a provider of another kind. */
export const targets = ['alpha/one', 'beta/two', 'gamma/three'] as const

/** The chains that callers ask; together they use whatever can be configured. */
export const chains = ['fast', 'steady', 'spread', 'spare', 'outer'] as const

/** A configuration with every kind of chain, limit and budget, as JSON. */
export function configuration({ alpha, beta, gamma, database, redis }: Places): string {
  const price = { input: 0.25, output: 2 }
  const model = { maxOutputTokens: 50_000, contextWindow: 200_000, price }
  const [first, second, third] = targets
  return JSON.stringify({
    server: { budget: 'soak', shutdownGrace: '1s' },
    providers: {
      alpha: {
        type: 'openai-compatible',
        baseURL: alpha,
        apiKey: 'sk-simulated',
        limit: 'alpha',
        concurrency: { limit: 12, maxWait: '300ms', maxQueue: 20 },
      },
      beta: {
        type: 'anthropic',
        baseURL: beta,
        apiKey: 'sk-simulated',
        concurrency: { adaptive: { min: 2, max: 40 } },
      },
      gamma: { type: 'ollama', baseURL: gamma, numCtx: 200_000 },
    },
    defaults: {
      retry: { attempts: 2, baseDelay: '10ms', maxDelay: '100ms' },
      timeouts: { connect: '1s', firstToken: '900ms', idle: '900ms', total: '15s', consumerIdle: '4s' },
      circuitBreaker: { window: '5s', minimumCalls: 15, failureRate: 0.8, openFor: '400ms', maxOpenFor: '1s' },
    },
    chains: {
      fast: { select: 'latency', hedge: { after: '60ms' }, targets: [first, second, third] },
      steady: { holdBack: { text: '30ms' }, sticky: { idle: '5s' }, targets: [second, first, third] },
      spread: {
        select: 'weighted',
        hedge: { percentile: 90 },
        targets: [{ model: first, weight: 3 }, { model: second, when: { maxInputTokens: 4_000 } }, third],
      },
      spare: { select: 'leastBusy', midStream: 'fail', targets: [first, third], onContextLength: [second] },
      outer: { hedge: { after: '80ms' }, targets: ['fast', 'steady'] },
    },
    models: {
      [first]: model,
      [second]: { ...model, capabilities: { prefill: true } },
      [third]: { ...model, capabilities: { prefill: true } },
    },
    budgets: { soak: { limit: '100000 USD', window: 'total' } },
    limits: { alpha: { requestsPerMinute: 60_000, maxWait: '200ms' } },
    ...(database !== undefined && { ledger: { url: database } }),
    ...(redis !== undefined && { redis: { url: redis, prefix: 'soak' } }),
  })
}
