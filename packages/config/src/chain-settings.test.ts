import { describe, expect, test } from 'vitest'
import { concurrencyDefinitions } from './concurrency-limits.ts'
import { parseConfig } from './parse-config.ts'
import { ConfigError } from './problem.ts'
import { resilienceOptions, targetOptions } from './resilience-options.ts'

const providers = `providers:
  lab: { type: openai-compatible, baseURL: "http://127.0.0.1:8000/v1", model: tiny }
  hub: { type: openai-compatible, baseURL: "http://127.0.0.1:9000/v1" }
`

function problemsOf(text: string): string[] {
  try {
    parseConfig(providers + text)
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    return (error as ConfigError).message.split('\n').map(line => line.replace('switchyard.yaml', ''))
  }
  return []
}

describe('what keeps a chain answering', () => {
  test('is written in words and reaches the engine in its own', () => {
    const { defaults, chains } = parseConfig(`${providers}
defaults: { midStream: fail, holdBack: { text: 50ms }, hedge: { percentile: 90 } }
chains:
  one: { targets: [lab/a] }
  two:
    midStream: continue
    holdBack: { toolCalls: 0s }
    hedge: { after: 1s, attempts: 2 }
    targets: [lab/a, hub/b]
  three: { hedge: false, targets: [lab/a, hub/b] }
`)
    const of = (name: string) => resilienceOptions(defaults, chains?.[name])
    expect(of('one')).toMatchObject({
      midStream: 'fail',
      holdBack: { textMs: 50 },
      hedge: { options: { percentile: 90 } },
    })
    expect(of('two')).toMatchObject({
      midStream: 'continue',
      holdBack: { textMs: 50, toolCallMs: 0 },
      hedge: { options: { afterMs: 1_000, attempts: 2 } },
    })
    expect(of('two').hedge?.options).not.toHaveProperty('percentile')
    expect(of('three')).not.toHaveProperty('hedge')
    expect(resilienceOptions()).toEqual({ retry: {}, timeouts: {}, circuitBreaker: {}, holdBack: {} })
    expect(resilienceOptions({ holdBack: { toolCalls: 0 } })).not.toHaveProperty('holdBack')
  })

  test('may be a weight and a condition, of a chain in a target’s place too', () => {
    const { chains } = parseConfig(`${providers}
chains:
  inner: { targets: [hub/c] }
  outer:
    select: weighted
    targets:
      - model: lab/a
        weight: 3
        when: { capabilities: [images], maxInputTokens: 8000, tasks: [draft], metadata: { team: x }, maxCost: 0.02 USD }
      - { model: inner, weight: 0.5, when: { minInputTokens: 8001 } }
`)
    const [first] = chains?.outer?.targets ?? []
    expect(targetOptions(first as Exclude<typeof first, string | undefined>, {})).toMatchObject({
      weight: 3,
      when: {
        capabilities: ['images'],
        maxInputTokens: 8_000,
        tasks: ['draft'],
        metadata: { team: 'x' },
        maxCost: '0.02 USD',
      },
    })
  })
})

test('what limits how much runs at once holds for a target whoever asks it, and is asked before its provider', () => {
  const config = parseConfig(`
providers:
  lab: { type: simulated, model: tiny, concurrency: { limit: 9, maxWait: 2s, maxQueue: 4 } }
models: { lab/big: { concurrency: { adaptive: true } } }
chains:
  c: { targets: [{ model: lab, concurrency: { adaptive: { min: 2, max: 8 } } }] }
  d: { targets: [{ model: lab/tiny, concurrency: { adaptive: { min: 2, max: 8 } } }] }
`)
  expect(concurrencyDefinitions(config)).toEqual({
    limits: [
      { name: 'lab/big', adaptive: {} },
      { name: 'lab/tiny', adaptive: { min: 2, max: 8 } },
      { name: 'lab', limit: 9, maxWaitMs: 2_000, maxQueue: 4 },
    ],
    holdings: [
      { scope: { type: 'model', name: 'lab/big' }, name: 'lab/big' },
      { scope: { type: 'model', name: 'lab/tiny' }, name: 'lab/tiny' },
      { scope: { type: 'provider', name: 'lab' }, name: 'lab' },
    ],
  })
})

describe('what would choose nothing is refused with its cure', () => {
  test.each([
    [
      'a weight that nobody looks at',
      'chains: { c: { targets: [{ model: lab/a, weight: 3 }, hub/b] } }',
      [
        ':4: chains.c.targets[0].weight: counts only where select is weighted; write select: weighted, or remove the key',
      ],
    ],
    [
      'a weight in a list that is asked in its order',
      'chains: { c: { select: weighted, targets: [lab/a], onContextLength: [{ model: hub/b, weight: 2 }] } }',
      [':4: chains.c.onContextLength[0].weight: onContextLength is asked in its order; remove the key'],
    ],
    [
      'weights that are all nothing',
      'chains: { c: { select: weighted, targets: [{ model: lab/a, weight: 0 }, { model: hub/b, weight: 0 }] } }',
      [':4: chains.c.targets: every weight is 0, so nobody would be asked; give one of them more'],
    ],
    [
      'a weight below nothing',
      'chains: { c: { select: weighted, targets: [{ model: lab/a, weight: -1 }] } }',
      [':4: chains.c.targets[0].weight: must be at least 0'],
    ],
    [
      'a hedge with two waits',
      'chains: { c: { targets: [lab/a, hub/b], hedge: { after: 2s, percentile: 95 } } }',
      [':4: chains.c.hedge.percentile: after sets the wait already; keep after, or percentile, which learns it'],
    ],
    [
      'a hedge at a percentile that there is none of',
      'chains: { c: { targets: [lab/a, hub/b], hedge: { percentile: 100 } } }',
      [':4: chains.c.hedge.percentile: must be at most 99.9'],
    ],
    [
      'a hedge that is neither this nor that',
      'chains: { c: { targets: [lab/a, hub/b], hedge: true } }',
      [':4: chains.c.hedge: expected false, or a section such as { after: 2s } or { percentile: 95 }'],
    ],
    [
      'a hedge without anybody else to ask',
      'chains: { c: { targets: [lab/a], hedge: { after: 2s } } }',
      [':4: chains.c.hedge: asks the next target as well, and there is none; add a target, or remove the key'],
    ],
    [
      'a window that is negative',
      'chains: { c: { targets: [lab/a], holdBack: { text: -5ms } } }',
      [':4: chains.c.holdBack.text: expected a duration with its unit, such as 500ms, 8s, 1m or 2h'],
    ],
    [
      'a condition between two numbers with nothing between them',
      'chains: { c: { targets: [{ model: lab/a, when: { minInputTokens: 9, maxInputTokens: 8 } }] } }',
      [':4: chains.c.targets[0].when.minInputTokens: no request has this many tokens and no more than maxInputTokens'],
    ],
    [
      'a condition that says nothing',
      'chains: { c: { targets: [{ model: lab/a, when: {} }] } }',
      [':4: chains.c.targets[0].when: says nothing; remove the key'],
    ],
    [
      'a condition on none of what there is',
      'chains: { c: { targets: [{ model: lab/a, when: { tasks: [], capabilities: [image], maxCost: 5 } }] } }',
      [
        ':4: chains.c.targets[0].when.capabilities[0]: expected "streaming", "tools", "parallelToolCalls", "toolChoice", "json", "jsonSchema", "images", "audio", "documents", "reasoning", "temperature", "topP", "penalties", "stop", "seed", "logprobs", "prefill"; did you mean "images"?',
        ':4: chains.c.targets[0].when.tasks: no request could meet an empty list; remove the key',
        ':4: chains.c.targets[0].when.maxCost: expected an amount such as 0.02 USD',
      ],
    ],
    [
      'a condition that its model cannot meet',
      `models: { lab/a: { contextWindow: 4000, capabilities: { images: false } } }
chains: { c: { targets: [{ model: lab/a, when: { minInputTokens: 5000 } }], onContextLength: [{ model: lab/a, when: { capabilities: [images] } }] } }`,
      [
        ':5: chains.c.targets[0].when: no request has minInputTokens 5000 and fits into its contextWindow, 4000; make it smaller',
        ':5: chains.c.onContextLength[0].when: models says that it has none of these capabilities (images); correct one of the two',
      ],
    ],
    [
      'a list of names that are not there, twice there, or lead back',
      'chains: { c: { targets: [lab/a], onContextLength: [labs/b, hub/b, hub/b], onContentFilter: [c] } }',
      [
        ':4: chains.c.onContextLength[0]: there is no provider "labs"; did you mean "lab"?',
        ':4: chains.c.onContextLength[2]: "hub/b" stands in this list already; raise its attempts instead',
        ':4: chains.c.onContentFilter[0]: a chain must not name itself (c -> c); take this target out',
      ],
    ],
    [
      'a limit on what runs at once that limits nothing, or does it twice',
      'chains: { c: { targets: [{ model: lab/a, concurrency: { maxWait: 1s } }, { model: hub/b, concurrency: { limit: 5, adaptive: true, maxQueue: 3 } }] } }',
      [
        ':4: chains.c.targets[0].concurrency: limits nothing; give it limit, or adaptive: true',
        ':4: chains.c.targets[1].concurrency.limit: adaptive finds the limit itself; keep one of them',
        ':4: chains.c.targets[1].concurrency.maxQueue: nothing waits without maxWait; add maxWait: 5s, or remove the key',
      ],
    ],
    [
      'a key that is misspelt, and nothing else beside it',
      'chains: { c: { targets: [{ model: lab/a, when: { maxInputToken: 9 } }] } }',
      [':4: chains.c.targets[0].when.maxInputToken: unknown key; did you mean "maxInputTokens"?'],
    ],
    [
      'numbers that are none, and values where a section is wanted',
      'chains: { c: { midStream: false, holdBack: 2s, timeouts: { minThroughput: .inf }, targets: [{ model: lab/a, weight: .nan, concurrency: 8, when: draft }] } }',
      [
        ':4: chains.c.targets[0].weight: expected a number, found one without bounds',
        ':4: chains.c.targets[0].when: expected a section such as { tasks: [draft] }',
        ':4: chains.c.targets[0].concurrency: expected a section such as { limit: 8 }',
        ':4: chains.c.timeouts.minThroughput: expected a number, found one without bounds',
        ':4: chains.c.midStream: expected "continue", "fail"; found true or false',
        ':4: chains.c.holdBack: expected a section such as { text: 1s, toolCalls: 2s }',
      ],
    ],
    [
      'two limits for one target',
      `models: { lab/tiny: { concurrency: { limit: 3 } } }
chains:
  c: { targets: [{ model: lab, concurrency: { limit: 4 } }] }
  d: { targets: [{ model: hub/b, concurrency: { limit: 4 } }] }
  e: { targets: [{ model: hub/b, concurrency: { limit: 4 } }] }`,
      [
        ':6: chains.c.targets[0].concurrency: "lab/tiny" has one limit for all chains, and models.lab/tiny sets it otherwise; keep one of them',
      ],
    ],
  ])('%s', (_, text, expected) => {
    expect(problemsOf(text)).toEqual(expected)
  })
})
