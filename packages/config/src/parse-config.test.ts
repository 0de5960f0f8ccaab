// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are references to environment variables

import { describe, expect, test } from 'vitest'
import { parseConfig } from './parse-config.ts'
import { ConfigError } from './problem.ts'

const environment = { OPENAI_API_KEY: 'sk-very-secret', PORT: '9090' }

function problemsOf(text: string): string[] {
  try {
    parseConfig(text, { environment })
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    return (error as ConfigError).message.split('\n').map(line => line.replace('switchyard.yaml', ''))
  }
  return []
}

const providers = `providers:
  openai: { type: openai, apiKey: "\${OPENAI_API_KEY}", model: gpt-5.4-mini, maxTokens: 2000, temperature: 0.7 }
  lab: { type: openai-compatible, baseURL: "http://127.0.0.1:8000/v1", apiKey: none }
`

describe('a configuration that is right', () => {
  test('comes back with durations in milliseconds and variables in place', () => {
    const config = parseConfig(
      `server: { host: 127.0.0.1, port: "\${PORT}", bodyLimit: 1.5MB, shutdownGrace: 2h }
${providers}
defaults:
  retry: { attempts: 3, baseDelay: 500ms, maxDelay: 8s }
  timeouts: { connect: 5s, firstToken: 15s, idle: 15s, total: 2m }
  circuitBreaker: { window: 60s, minimumCalls: 10, failureRate: 0.5, openFor: 10s, maxOpenFor: 1m, halfOpenProbes: 1 }
chains:
  fast:
    select: priority
    midStream: fail
    targets: [openai/gpt-5.4-mini, { model: lab/meta/llama, firstToken: 8s, attempts: 1 }]
  outer: { targets: [fast, openai] }
aliases: { gpt-4: fast }
models:
  lab/meta/llama: { contextWindow: 8192, maxOutputTokens: 1024, capabilities: { tools: true, prefill: unknown } }
`,
      { environment },
    )
    expect(config.server).toEqual({ host: '127.0.0.1', port: 9090, bodyLimit: 1_500_000, shutdownGrace: 7_200_000 })
    expect(config.providers.openai).toMatchObject({ apiKey: 'sk-very-secret', maxTokens: 2000 })
    expect(config.defaults?.timeouts).toEqual({ connect: 5_000, firstToken: 15_000, idle: 15_000, total: 120_000 })
    expect(config.chains?.fast?.targets[1]).toEqual({ model: 'lab/meta/llama', firstToken: 8_000, attempts: 1 })
  })

  test('may have Ollama free the memory of a model at once', () => {
    const config = parseConfig('providers: { o: { type: ollama, keepAlive: 0s } }')
    expect(config.providers.o).toEqual({ type: 'ollama', keepAlive: 0 })
  })

  test('says in which version and with which betas Anthropic is spoken to', () => {
    const told = "version: '2023-06-01', betas: [files-api-2025-04-14]"
    const config = parseConfig(`providers: { a: { type: anthropic, apiKey: k, ${told} } }`)
    expect(config.providers.a).toMatchObject({ version: '2023-06-01', betas: ['files-api-2025-04-14'] })
  })

  test('may be JSON', () => {
    const config = parseConfig('{"providers": {"a": {"type": "openai-compatible", "baseURL": "http://a/v1"}}}')
    expect(config.providers.a?.type).toBe('openai-compatible')
  })

  test('may take a default for a variable, and escape what looks like one', () => {
    const config = parseConfig(
      'providers: { a: { type: openai, apiKey: "${NONE:-fallback}", headers: { x: "$${NONE}" } } }',
    )
    expect(config.providers.a).toMatchObject({ apiKey: 'fallback', headers: { x: '${NONE}' } })
  })
})

describe('a mistake is told with its line, its key and its cure', () => {
  test.each([
    ['an unknown key', `${providers}chians: {}`, [':4: chians: unknown key; did you mean "chains"?']],
    [
      'an unknown key far down',
      `${providers}chains:\n  fast:\n    targets:\n      - { model: lab/x, firstTokn: 8s }`,
      [':7: chains.fast.targets[0].firstTokn: unknown key; did you mean "firstToken"?'],
    ],
    [
      'an unknown key of a provider',
      'providers:\n  lab:\n    type: openai-compatible\n    baseURL: http://a/v1\n    apikey: x',
      [':5: providers.lab.apikey: unknown key; did you mean "apiKey"?'],
    ],
    ['a wrong type', `${providers}server: { port: high }`, [':4: server.port: expected a number, found text']],
    ['a number too large', `${providers}server: { port: 70000 }`, [':4: server.port: must be at most 65535']],
    [
      'a duration without unit',
      `${providers}defaults: { timeouts: { idle: 15 } }`,
      [':4: defaults.timeouts.idle: expected a duration with its unit, such as 500ms, 8s, 1m or 2h'],
    ],
    [
      'a missing variable',
      'providers:\n  openai:\n    type: openai\n    apiKey: "${NO_SUCH_KEY}"',
      [
        ':4: providers.openai.apiKey: the environment variable NO_SUCH_KEY is not set; set it, or write ${NO_SUCH_KEY:-default}',
      ],
    ],
    [
      'a variable that is none',
      'providers:\n  openai:\n    type: openai\n    apiKey: "${no such}"',
      [':4: providers.openai.apiKey: a "${" without a variable; write ${NAME}, or $${ for the characters themselves'],
    ],
    ['a missing key', 'providers:\n  openai: { type: openai }', [':2: providers.openai.apiKey: this key is missing']],
    [
      'no providers',
      '',
      [
        ': providers: nobody here could answer; add a provider, such as openai: { type: openai, apiKey: "${OPENAI_API_KEY}" }',
      ],
    ],
    [
      'a server that is no URL',
      'providers:\n  lab: { type: openai-compatible, baseURL: "127.0.0.1:80" }',
      [':2: providers.lab.baseURL: expected a URL that starts with http:// or https://'],
    ],
    [
      'a key that one type of provider does not have',
      'providers:\n  a: { type: anthropic, apiKey: x, organization: y }',
      [
        ':2: providers.a.organization: unknown key; known here: type, apiKey, baseURL, version, betas, headers, model, maxTokens, temperature, price, concurrency, budget, limit',
      ],
    ],
    [
      'a provider that nobody defined',
      `${providers}chains: { fast: { targets: [opena/gpt] } }`,
      [':4: chains.fast.targets[0]: there is no provider "opena"; did you mean "openai"?'],
    ],
    [
      'a provider where a model belongs',
      `${providers}chains: { fast: { targets: [lab] } }`,
      [':4: chains.fast.targets[0]: "lab" is a provider; write lab/<model>, or give providers.lab a model'],
    ],
    [
      'a chain that nobody defined',
      `${providers}chains: { fast: { targets: [slow] } }`,
      [':4: chains.fast.targets[0]: there is no chain "slow"; a model is written provider/model'],
    ],
    [
      'a chain that names itself',
      `${providers}chains: { fast: { targets: [openai/a, fast] } }`,
      [':4: chains.fast.targets[1]: a chain must not name itself (fast -> fast); take this target out'],
    ],
    [
      'chains that name each other',
      `${providers}chains:\n  a: { targets: [b] }\n  b: { targets: [c] }\n  c: { targets: [lab/x, b] }`,
      [':7: chains.c.targets[1]: a chain must not name itself (b -> c -> b); take this target out'],
    ],
    [
      'settings on a nested chain',
      `${providers}chains:\n  a: { targets: [lab/x] }\n  b: { targets: [{ model: a, attempts: 2 }] }`,
      [
        ':6: chains.b.targets[0].model: "a" is a chain, which brings its own settings; take them out (weight and when may stay)',
      ],
    ],
    [
      'no targets',
      `${providers}chains: { fast: { targets: [] } }`,
      [':4: chains.fast.targets: a chain needs at least one target: ["provider/model"]'],
    ],
    [
      'a target twice',
      `${providers}chains: { fast: { targets: [lab/a, lab/a] } }`,
      [':4: chains.fast.targets[1]: "lab/a" stands in this chain already; raise its attempts instead'],
    ],
    [
      "a slash in a chain's name",
      `${providers}chains: { a/b: { targets: [lab/a] } }`,
      [':4: chains.a/b: a chain\'s name has no "/": that is for provider/model'],
    ],
    [
      'a chain and a provider of one name',
      `${providers}chains: { lab: { targets: [lab/a] } }`,
      [':4: chains.lab: a provider has this name already; rename one of them'],
    ],
    [
      'an alias of nothing',
      `${providers}chains: { fast: { targets: [lab/a] } }\naliases: { gpt: fats }`,
      [':5: aliases.gpt: there is no chain "fats"; did you mean "fast"?'],
    ],
    [
      'an alias over a chain',
      `${providers}chains: { fast: { targets: [lab/a] } }\naliases: { fast: lab/b }`,
      [':5: aliases.fast: a chain has this name already; rename one of them'],
    ],
    [
      'an alias over a model',
      `${providers}aliases: { openai/gpt: lab/b }`,
      [':4: aliases.openai/gpt: this would hide a model of the provider "openai"; choose another name'],
    ],
    [
      "facts of an unknown provider's model",
      `${providers}models: { labs/x: { contextWindow: 5 } }`,
      [':4: models.labs/x: there is no provider "labs"; did you mean "lab"?'],
    ],
    [
      'a breaker set twice for one target',
      `${providers}chains:\n  a: { targets: [lab/x] }\n  b:\n    targets: [lab/x]\n    circuitBreaker: { openFor: 5s }`,
      [
        ':8: chains.b.circuitBreaker: "lab/x" has one circuit breaker for all chains, and the chain "a" sets it otherwise; give both the same circuitBreaker, or write it under defaults',
      ],
    ],
    [
      'a breaker that may stay open less than it does',
      `${providers}defaults: { circuitBreaker: { maxOpenFor: 5s } }\nchains: { a: { targets: [lab/x] } }`,
      [':5: chains.a: maxOpenFor must not be shorter than openFor'],
    ],
    ['a key twice', `${providers}server: {}\nserver: {}`, [':5: the same key stands twice; keep one of them']],
    [
      'a selection that is none',
      `${providers}chains: { fast: { select: priorty, targets: [lab/a] } }`,
      [
        ':4: chains.fast.select: expected "priority", "weighted", "latency", "cost", "leastBusy"; did you mean "priority"?',
      ],
    ],
    [
      'providers without any',
      'server: {}\nproviders: {}',
      [
        ':2: providers: nobody here could answer; add a provider, such as openai: { type: openai, apiKey: "${OPENAI_API_KEY}" }',
      ],
    ],
    [
      'a type that is no text',
      'providers:\n  lab: { type: 5, apiKey: x }',
      [':2: providers.lab.type: expected text, found a number'],
    ],
    [
      'a target with a name that every object has',
      `${providers}chains: { fast: { targets: [toString] } }`,
      [':4: chains.fast.targets[0]: there is no chain "toString"; a model is written provider/model'],
    ],
    ['an alias without a name', `${providers}aliases: { null: lab/x }`, [':4: aliases.: an alias needs a name']],
    [
      'a name that no object can have',
      `${providers}chains:\n  __proto__: { targets: [lab/x] }`,
      [':5: "__proto__" cannot be a key; choose another name'],
    ],
    [
      'an alias of YAML without its anchor',
      'providers:\n  lab:\n    type: openai\n    apiKey: *secret',
      [':4: an alias (*name) has no anchor (&name) before it; put a text that begins with "*" in quotes'],
    ],
    [
      'two documents',
      `${providers}---\nproviders: {}`,
      [':4: a second document begins here ("---"); a configuration is one'],
    ],
    [
      'a key that comes with its line break',
      'providers:\n  lab: { type: openai, apiKey: "sk-1\\n" }',
      [':2: providers.lab.apiKey: holds a space, a line break or another character that no key has; take it out'],
    ],
    [
      'an empty key',
      'providers:\n  lab: { type: openai, apiKey: "" }',
      [':2: providers.lab.apiKey: must not be empty'],
    ],
    [
      'headers that cannot be sent',
      'providers:\n  lab: { type: openai-compatible, baseURL: "http://a/v1", headers: { "a b": c, x: "d\\ne" } }',
      [
        ':2: providers.lab.headers.a b: a header has letters, digits and "-" in its name',
        ':2: providers.lab.headers.x: a header holds no line break and no other control character',
      ],
    ],
    [
      'a price with its currency',
      `${providers}models: { lab/x: { price: { input: 0.1 USD, output: "1", cacheWrite: { 5m: x } } } }`,
      ['input', 'cacheWrite.5m'].map(
        key =>
          `:4: models.lab/x.price.${key}: expected USD per million tokens, such as 0.15, with at most 6 digits after the point`,
      ),
    ],
    [
      'a capability that is neither this nor that',
      `${providers}models: { lab/x: { capabilities: { tools: maybe } } }`,
      [':4: models.lab/x.capabilities.tools: expected true, false or "unknown"'],
    ],
    [
      'a model without a name',
      `${providers}models: { lab/: { contextWindow: 5 } }`,
      [':4: models.lab/: "lab/" names no model; write provider/model'],
    ],
  ])('%s', (_, text, expected) => {
    expect(problemsOf(text)).toEqual(expected)
  })

  test('all of them together, in the order of the file', () => {
    const problems = problemsOf(`server: { prt: 1 }
providers:
  a: { type: anthropic }
  openai: { type: openai, apiKey: "\${MISSING}", temperature: 3 }
budgets: { team: {} }
chains: { fast: { targets: [opnai/x] } }
`)
    expect(problems.map(problem => problem.split(':').slice(1, 3).join(':'))).toEqual([
      '1: server.prt',
      '3: providers.a.apiKey',
      '4: providers.openai.apiKey',
      '4: providers.openai.temperature',
      '5: budgets.team.limit',
      '5: budgets.team.window',
      '5: budgets.team',
      '6: chains.fast.targets[0]',
    ])
  })

  test('broken syntax', () => {
    expect(problemsOf('providers:\n  openai: { type: openai, apiKey: sk-secret')[0]).toMatch(/^:2: not valid YAML: /)
  })
})

test('no error ever repeats a value that may be a secret', () => {
  const secret = 'sk-very-secret'
  const texts = [
    `providers: { a: { type: openai, apiKey: [${secret}] } }`,
    `providers: { a: { type: openai-compatible, baseURL: "${secret}" } }`,
    `providers: { a: { type: openai, apiKey: ${secret}, maxTokens: ${secret} } }`,
    `providers: { a: { type: openai, apiKey: "${secret} } }`,
    `providers: { a: { type: openai, apiKey: ${secret} ] }`,
    `providers:\n  a:\n    apiKey: ${secret}: ${secret}`,
    `keys: [{ name: a, hash: "${secret}" }]`,
    `providers: { a: { type: openai, apiKey: !${secret} x } }`,
    `providers: { a: { type: openai, apiKey: x } }\nchains: { c: { targets: ["\${OPENAI_API_KEY}"] } }`,
    `providers: { a: { type: openai, apiKey: x } }\naliases: { c: "\${OPENAI_API_KEY:-x}" }`,
    `redis: { url: { "${secret}": 1 } }`.replace(`"${secret}"`, 'x'),
    `redis: { url: "http://u:${secret}@host" }`,
    `ledger: { url: "mysql://u:${secret}@host/x" }`,
    `ledger: { url: "postgres://u:${secret}@ho st/x" }`,
  ]
  for (const text of texts) {
    const problems = problemsOf(text)
    expect(problems.length).toBeGreaterThan(0)
    expect(problems.join('\n')).not.toContain(secret)
  }
})
