import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { capabilityNames, responseText } from '@switchyard/core/contract'
import { topic } from '../conformance.ts'
import { eventually, within } from '../eventually.ts'
import { answerTo, asking, chunksOf, embedding, failure, send } from '../expectations.ts'

export const contractChecks = topic('contract', [
  [
    'it is of contract 1 and has a lower-case id without a slash',
    async ({ provider }) => {
      equal(provider.contract, 1)
      match(provider.id, /^[^/A-Z\s]+$/)
    },
  ],
  [
    'initialize may be called again and does not touch the network',
    async ({ provider, simulator }) => {
      await provider.initialize()
      await provider.initialize()
      equal(simulator.requestCount, 0)
    },
  ],
  [
    'it works without initialize',
    async bench => {
      ok(responseText(await answerTo(bench)).includes('You said: Hi'))
    },
  ],
  [
    'dispose may be called again',
    async ({ provider }) => {
      await provider.dispose()
      await provider.dispose()
      await provider[Symbol.asyncDispose]()
    },
  ],
  [
    'a disposed provider refuses calls without sending them',
    async bench => {
      await answerTo(bench)
      await bench.provider.dispose()
      const before = bench.simulator.requestCount
      await failure(send(bench), 'unavailable')
      await failure(bench.provider.getModels(), 'unavailable')
      equal(bench.simulator.requestCount, before)
    },
  ],
  [
    'dispose aborts what is in flight',
    async bench => {
      bench.simulator.script({ type: 'stall', atEvent: 2 }, { type: 'silence' })
      const read = chunksOf(await send(bench))
      const silent = failure(send(bench), 'aborted')
      const ends = Promise.all([failure(read, 'aborted'), silent])
      await bench.simulator.waitForRequests(2, bench.patienceMs)
      await bench.provider.dispose()
      await within(bench.patienceMs, 'the end of what was in flight', ends)
      await eventually(() => equal(bench.simulator.openSockets, 0), bench.patienceMs)
    },
  ],
  [
    'dispose with drain lets what is in flight finish',
    async bench => {
      bench.simulator.script([
        { type: 'answer', text: 'one two three' },
        { type: 'drip', ms: 10 },
      ])
      const stream = await send(bench)
      const disposed = bench.provider.dispose({ drain: true })
      equal(responseText(await within(bench.patienceMs, 'the answer', stream.response())), 'one two three')
      await within(bench.patienceMs, 'dispose', disposed)
      await failure(send(bench))
    },
  ],
  [
    'capabilities are answered at once, without a request',
    async ({ provider, simulator, options, model }) => {
      const capabilities = provider.getCapabilities(model)
      equal(capabilities.dialect, options.dialect)
      for (const name of capabilityNames)
        ok([true, false, 'unknown'].includes(capabilities[name]), `${name} is missing`)
      equal(simulator.requestCount, 0)
    },
  ],
  [
    'capabilities follow what is known of a model, also later',
    async ({ create, model }) => {
      let known = false
      const provider = await create({
        facts: () => (known ? { capabilities: { prefill: true, contextWindow: 42 } } : undefined),
      })
      ok(provider.getCapabilities(model).contextWindow !== 42)
      known = true
      const { prefill, contextWindow } = provider.getCapabilities(model)
      deepEqual({ prefill, contextWindow }, { prefill: true, contextWindow: 42 })
    },
  ],
  [
    'embed gives a vector for each input in order',
    async bench => {
      const { provider, simulator } = bench
      const name = bench.modelFor('embedding')
      const request = { model: name, input: ['a', 'b'], dimensions: 8 }
      const { embeddings, usage, model } = await embedding(bench, request)
      deepEqual(
        embeddings.map(vector => vector.length),
        [8, 8],
      )
      const [first = [], second = []] = embeddings
      const length = Math.hypot(...first)
      ok(Math.abs(length - 1) < 1e-3, `the vector's length is ${length}`)
      ok(first[0] !== second[0])
      if (usage !== undefined) equal(usage.input.uncached, simulator.bill.totals.inputTokens)
      equal(model, `${provider.id}/${name}`)
      simulator.script({ type: 'status', kind: 'rate-limit' })
      await failure(embedding(bench, request), 'rate-limit')
    },
    'embeddings',
  ],
  [
    'embed ends when its signal does',
    async bench => {
      bench.simulator.script({ type: 'silence' })
      const abort = new AbortController()
      const request = { model: bench.modelFor('embedding'), input: ['a'] }
      const embedded = failure(embedding(bench, request, { signal: abort.signal }), 'aborted')
      await bench.simulator.waitForRequests(1, bench.patienceMs)
      abort.abort()
      await within(bench.patienceMs, 'the rejection', embedded)
      await bench.simulator.waitForClose(undefined, bench.patienceMs)
    },
    'embeddings',
  ],
  [
    'it has neither vectors nor token counts where it says that it cannot',
    async ({ provider, lacks }) => {
      equal(provider.embed === undefined, lacks('embeddings'), 'embed is there, or not, against what `skip` says')
      equal(
        provider.countTokens === undefined,
        lacks('token count'),
        'countTokens is there, or not, against what `skip` says',
      )
    },
  ],
  [
    'an unknown model is not found, and a missing one is refused before anything is sent',
    async bench => {
      const error = await failure(send(bench, asking(bench, 'Hi', { model: 'nope' })), 'not-found')
      equal(error.status, 404)
      const before = bench.simulator.requestCount
      const { model: _, ...nameless } = asking(bench, 'Hi')
      await failure(send(bench, nameless), 'invalid-request')
      equal(bench.simulator.requestCount, before)
    },
  ],
])
