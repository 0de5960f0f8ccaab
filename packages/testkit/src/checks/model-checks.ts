import { deepEqual, equal, ok } from 'node:assert/strict'
import type { SimulatedModel } from '@switchyard/simulator'
import { topic } from '../conformance.ts'
import { within } from '../eventually.ts'
import { failure } from '../expectations.ts'

/** More than any provider lists on one page. */
const many: readonly SimulatedModel[] = Array.from({ length: 1_203 }, (_, index) => ({ id: `sim-${index}` }))

export const modelChecks = topic('models', [
  [
    'getModels lists what the server lists',
    async ({ provider, simulator, model }) => {
      const models = await provider.getModels()
      ok(models.some(each => each.id === model))
      equal(simulator.requests[0]?.method, 'GET')
      equal(simulator.bill.totals.requests, 0, 'the list cost something')
    },
  ],
  [
    'getModels fails as other calls do',
    async ({ provider, simulator }) => {
      simulator.script({ type: 'status', kind: 'authentication' })
      await failure(provider.getModels(), 'authentication')
      simulator.script({ type: 'status', kind: 'overloaded' })
      await failure(provider.getModels(), 'overloaded')
      simulator.script({ type: 'status', status: 200, body: '{"unheard": "of"}' })
      await failure(provider.getModels(), 'protocol')
    },
  ],
  [
    'getModels ends when its signal does',
    async ({ provider, simulator, patienceMs }) => {
      simulator.script({ type: 'silence' })
      const abort = new AbortController()
      const listed = failure(provider.getModels({ signal: abort.signal }), 'aborted')
      await simulator.waitForRequests(1, patienceMs)
      abort.abort()
      await within(patienceMs, 'the rejection', listed)
      await simulator.waitForClose(undefined, patienceMs)
    },
  ],
  [
    'getModels lists every model of a long list once, however many pages it has',
    async ({ create, simulate }) => {
      const simulator = await simulate({ models: many })
      const provider = await create({ baseURL: simulator.baseURL })
      const listed = await provider.getModels()
      deepEqual(listed.map(each => each.id).sort(), many.map(each => each.id).sort())
    },
  ],
  [
    'getModels tells context windows',
    async ({ create, simulate }) => {
      const simulator = await simulate({ models: [{ id: 'window-sim', contextWindow: 12_345, maxOutputTokens: 678 }] })
      const provider = await create({ baseURL: simulator.baseURL })
      const [listed] = await provider.getModels()
      equal(listed?.id, 'window-sim')
      equal(listed?.contextWindow, 12_345)
    },
    'context windows',
  ],
])
