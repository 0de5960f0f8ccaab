import { describe, expect, test } from 'vitest'
import { parseConfig } from './parse-config.ts'
import { ConfigError } from './problem.ts'

const start = `
providers: { lab: { type: openai-compatible, baseURL: "http://127.0.0.1:9/v1" } }
chains: { fast: { targets: [lab/a] }, slow: { targets: [lab/b] } }
aliases: { gpt-4: fast }
`
const hash = (digit: string) => `sha256:${digit.repeat(64)}`

function problemsOf(text: string): readonly string[] {
  try {
    parseConfig(start + text, { file: '' })
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split('\n')
    throw error
  }
  return []
}

test('budgets, limits, tags, keys, ledger and redis are read as they are written', () => {
  const config = parseConfig(`${start}
server: { budget: [daily, all] }
budgets:
  all: { limit: 10 USD, window: total }
  daily:
    { limit: 0.5 USD, window: day, timeZone: Europe/Berlin, kind: hard, alertAt: [1, 0.5, 1], onLow: clamp, maxWait: 2s }
  team: { limit: 1 USD, window: month, kind: soft, alertAt: 0.9 }
limits:
  tier1: { requestsPerMinute: 3500, tokensPerMinute: 90000, tokensPerDay: 1000000, mode: strict, maxWait: 5s, maxQueue: 10 }
  few: { requestsPerDay: 10 }
models: { lab/a: { limit: tier1 } }
tags: { nightly: { budget: team, limit: [few] } }
keys:
  - { name: web, hash: "${hash('a')}", chains: [fast], tags: [nightly], budget: team, limit: tier1 }
  - { name: boss, hash: "${hash('b')}", admin: true }
redis: { url: "redis://127.0.0.1:6379", prefix: mine, whenAway: refuse }
ledger: { url: "postgres://127.0.0.1/test", keepPrompts: redacted, retention: 90d }
`)
  expect(config.server?.budget).toEqual(['daily', 'all'])
  expect(config.budgets).toEqual({
    all: { limit: 10_000_000_000_000n, window: 'total' },
    daily: {
      limit: 500_000_000_000n,
      window: 'day',
      timeZone: 'Europe/Berlin',
      kind: 'hard',
      alertAt: [0.5, 1],
      onLow: 'clamp',
      maxWait: 2_000,
    },
    team: { limit: 1_000_000_000_000n, window: 'month', kind: 'soft', alertAt: [0.9] },
  })
  expect(config.limits?.tier1).toMatchObject({ tokensPerDay: 1_000_000, maxWait: 5_000, maxQueue: 10 })
  expect(config.tags?.nightly).toEqual({ budget: ['team'], limit: ['few'] })
  expect(config.keys?.[0]).toMatchObject({ name: 'web', tags: ['nightly'], budget: ['team'], limit: ['tier1'] })
  expect(config.ledger).toEqual({ url: 'postgres://127.0.0.1/test', keepPrompts: 'redacted', retention: 7_776_000_000 })
})

test('an address of Redis that is none', () => {
  expect(problemsOf('redis: { url: "http://x" }')).toEqual([
    ':5: redis.url: expected a URL that starts with redis:// or rediss://',
  ])
})

describe('names that are not there', () => {
  const budgets = 'budgets: { team: { limit: 1 USD, window: day } }\nlimits: { tier1: { requestsPerMinute: 1 } }\n'
  const held = 'server: { budget: team, limit: tier1 }\n'
  test.each([
    [
      'chains: { x: { targets: [lab/a], budget: taem } }',
      'chains.x.budget: there is no budget "taem"; did you mean "team"?',
    ],
    ['models: { lab/a: { limit: other } }', 'models.lab/a.limit: there is no limit "other"; there are: tier1'],
    [
      'tags: { nightly: { budget: [team, tema] } }',
      'tags.nightly.budget[1]: there is no budget "tema"; did you mean "team"?',
    ],
    [
      `keys: [{ name: a, hash: "${hash('a')}", limit: tier }]`,
      'keys[0].limit: there is no limit "tier"; did you mean "tier1"?',
    ],
    [
      `keys: [{ name: a, hash: "${hash('a')}", chains: [fats] }]`,
      'keys[0].chains[0]: there is no chain "fats"; did you mean "fast"?',
    ],
    [
      `keys: [{ name: a, hash: "${hash('a')}", chains: [gpt-4] }]`,
      'keys[0].chains[0]: "gpt-4" is an alias; name what it stands for, "fast"',
    ],
    [
      `keys: [{ name: a, hash: "${hash('a')}", chains: [lab/a] }]`,
      'keys[0].chains[0]: "lab/a" is no chain; make a chain of it, and name that',
    ],
    ['tags: { nightly: { budget: [team, team] } }', 'tags.nightly.budget[1]: "team" stands here twice; keep one'],
  ])('%s', (text, message) => {
    const whole = text.startsWith('chains')
      ? text.replace('chains: { ', 'chains: { fast: { targets: [lab/a] }, ')
      : text
    const written = text.startsWith('chains') ? start.replace(/chains: .*\n/, '') : start
    const problems = ((): readonly string[] => {
      try {
        parseConfig(written + budgets + held + whole, { file: '' })
        return []
      } catch (error) {
        return (error as ConfigError).message.split('\n')
      }
    })()
    expect(problems.map(problem => problem.replace(/^:\d+: /, ''))).toEqual([message])
  })

  test('a name where there are none at all', () => {
    expect(problemsOf('server: { budget: team }')).toEqual([
      ':5: server.budget: there is no budget "team"; write it under budgets',
    ])
  })
})

test('a budget or a limit that nothing holds is a mistake', () => {
  expect(problemsOf('budgets: { team: { limit: 1 USD, window: day } }')).toEqual([
    ':5: budgets.team: nothing holds this budget, so it would do nothing; write budget: team under server (for all), a provider, a model, a chain, a key or a tag',
  ])
  expect(problemsOf('limits: { tier1: { requestsPerMinute: 1 } }')).toEqual([
    expect.stringContaining('limits.tier1: nothing holds this limit'),
  ])
})

describe('what contradicts itself', () => {
  const budget = (text: string) => `server: { budget: b }\nbudgets: { b: { limit: 1 USD, window: day, ${text} } }`
  const limit = (text: string) => `server: { limit: l }\nlimits: { l: { ${text} } }`
  test.each([
    [budget('kind: soft, onLow: clamp'), 'budgets.b.onLow: a soft budget refuses nothing; remove the key'],
    [budget('kind: soft, maxWait: 1s'), 'budgets.b.maxWait: nothing waits for a soft budget; remove the key'],
    [
      budget('timeZone: Europe/Berlni'),
      'budgets.b.timeZone: there is no time zone of this name; did you mean "Europe/Berlin"?',
    ],
    [
      'server: { budget: b }\nbudgets: { b: { limit: 1 USD, window: total, timeZone: UTC } }',
      'budgets.b.timeZone: a total has no days; remove the key',
    ],
    [budget('maxWait: 2h'), 'budgets.b.maxWait: must be at most 1h'],
    [
      'server: { budget: b }\nbudgets: { b: { limit: 0 USD, window: day } }',
      'budgets.b.limit: must be more than 0 USD',
    ],
    [
      'server: { budget: b }\nbudgets: { b: { limit: 9000000.01 USD, window: day } }',
      'budgets.b.limit: must be at most 9000000 USD',
    ],
    [budget('alertAt: 1.5'), 'budgets.b.alertAt: must be at most 1'],
    [budget('alertAt: [0]'), 'budgets.b.alertAt[0]: must be more than 0'],
    [
      'server: { budget: b }\nbudgets: { b: { limit: 10, window: day } }',
      'budgets.b.limit: expected an amount such as 10 USD',
    ],
    [
      limit('maxWait: 5s'),
      'limits.l: limits nothing; give it requestsPerMinute or tokensPerMinute or requestsPerDay or tokensPerDay',
    ],
    [
      limit('requestsPerDay: 5, maxQueue: 5'),
      'limits.l.maxQueue: nothing waits without maxWait; add maxWait: 5s, or remove the key',
    ],
    [
      limit('requestsPerDay: 5, mode: strict'),
      'limits.l.mode: says how tokens are counted, and none are limited; remove the key',
    ],
    [
      'keys: []',
      'keys: without a key nobody could ask; add one, or remove this list to serve this machine without keys',
    ],
    [
      `keys: [{ name: a, hash: "${hash('a')}", chains: [] }]`,
      'keys[0].chains: a key that may use no chain is of no use; name one, or remove this list',
    ],
    [
      `keys: [{ name: a, hash: "${hash('a')}" }, { name: a, hash: "${hash('b')}" }]`,
      'keys[1].name: another key is named "a"; reports could not tell them apart',
    ],
    [
      `keys: [{ name: a, hash: "${hash('a')}" }, { name: b, hash: "${hash('a')}" }]`,
      'keys[1].hash: this is the key "a" again; make a key of its own',
    ],
    [
      `keys: [{ name: a, hash: "${hash('A')}" }]`,
      'keys[0].hash: expected "sha256:" and 64 hexadecimal digits in lower case',
    ],
    ['ledger: { url: "mysql://x" }', 'ledger.url: expected a URL that starts with postgres:// or postgresql://'],
  ])('%s', (text, message) => {
    expect(problemsOf(text).map(problem => problem.replace(/^:\d+: /, ''))).toEqual([message])
  })

  test('names that a header or a log could take for something else', () => {
    for (const name of ['a,b', 'a b', '', 'ä', '-a', 'x'.repeat(65)]) {
      expect(problemsOf(`keys: [{ name: ${JSON.stringify(name)}, hash: "${hash('a')}" }]`).join()).toContain(
        'keys[0].name',
      )
      expect(problemsOf(`tags: { ${JSON.stringify(name)}: {} }`).join()).toContain('expected at most 64 letters')
    }
  })
})
