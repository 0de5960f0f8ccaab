import {
  type Accounting,
  type Chain,
  createChain,
  EventHub,
  type IAIProvider,
  type LedgerRecord,
  type Money,
  parseMoney,
} from '@switchyard/core'
import { createAccounting, createMemoryLedger } from '@switchyard/core/accounting'
import { type BillEntry, type SimulatedAnswer, type Simulator, startSimulator } from '@switchyard/simulator'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { priceOfBill } from './bills/price-of-bill.ts'
import { type PricedModel, pricedCatalog, simulatedProviders } from './bills/priced-models.ts'
import { marked, randomRequest } from './bills/random-request.ts'
import { SeededRandom } from './world/seeded-random.ts'

const requests = Number(process.env.REQUESTS ?? 10_000)
const seed = Number(process.env.SEED ?? 1)
const atOnce = 64
// a busy machine is no silent provider
const patient = { connectMs: 120_000, firstTokenMs: 120_000, idleMs: 120_000, totalMs: 240_000 }

interface AskedModel {
  /** `provider/model`. */
  readonly target: string
  readonly model: PricedModel
  readonly chain: Chain
}

describe('the bills of the simulated providers', () => {
  const catalog = pricedCatalog()
  const answers = new Map<number, SimulatedAnswer>()
  const simulators: Simulator[] = []
  const providers: IAIProvider[] = []
  const asked: AskedModel[] = []
  const records: LedgerRecord[] = []
  const overruns: unknown[] = []
  const memory = createMemoryLedger()
  let accounting: Accounting

  beforeAll(async () => {
    const events = new EventHub()
    events.on('budget-overrun', event => overruns.push(event))
    accounting = createAccounting({
      pricing: catalog,
      store: {
        takeSlab: ask => memory.takeSlab(ask),
        closeSlab: slab => memory.closeSlab(slab),
        commit: record => {
          records.push(record)
          return memory.commit(record)
        },
        budgets: windows => memory.budgets(windows),
        alertOnce: (window, threshold) => memory.alertOnce(window, threshold),
      },
      budgets: [{ name: 'house', limit: parseMoney('1000000 USD') as Money, window: 'total' }],
      holdings: [{ scope: { type: 'all' }, name: 'house' }],
      events,
    })
    for (const { api, create, models, id } of simulatedProviders) {
      const simulator = await startSimulator({
        api,
        anyModel: true,
        logLimit: 2 * requests,
        reply: request => answers.get(numberIn(JSON.stringify(request.messages)) ?? -1),
      })
      simulators.push(simulator)
      const provider = create(simulator, catalog)
      providers.push(provider)
      for (const model of models) {
        const chain = createChain({
          id: `${id}-${asked.length}`,
          targets: [{ provider, model: model.name }],
          retry: { attempts: 1 },
          timeouts: patient,
          steps: [accounting.step],
          recorders: [accounting.recorder],
        })
        asked.push({ target: `${id}/${model.name}`, model, chain })
      }
    }
  })

  afterAll(async () => {
    await accounting.dispose()
    await Promise.all(providers.map(provider => provider.dispose()))
    await Promise.all(simulators.map(simulator => simulator.close()))
  })

  it(`are ours to the last digit, over ${requests} random requests`, async () => {
    const random = new SeededRandom(seed)
    const told = new Map<number, { readonly target: string; readonly cost: string | undefined }>()
    let next = 0
    const worker = async (): Promise<void> => {
      while (next < requests) {
        const number = next++
        const { target, model, chain } = random.pick(asked)
        const { request, answer } = randomRequest(random, number, model)
        answers.set(number, answer)
        const { billed = [] } = await (await chain.sendMessage(request, { requestId: String(number) })).response()
        answers.delete(number)
        told.set(number, { target, cost: billed.length === 1 ? billed[0]?.cost : `of ${billed.length} attempts` })
      }
    }
    await Promise.all(Array.from({ length: atOnce }, worker))

    const kept = new Map(records.map(({ attempt }) => [Number(attempt?.requestId), attempt]))
    const day = new Date().toISOString().slice(0, 10)
    const differing: string[] = []
    let bills = 0
    let sum = 0n
    for (const simulator of simulators) {
      const numbers = new Map(simulator.requests.map(({ id, body }) => [id, numberIn(JSON.stringify(body)) ?? -1]))
      for (const entry of simulator.bill.entries) {
        const number = numbers.get(entry.requestId) ?? -1
        const { target = '', cost = '' } = told.get(number) ?? {}
        const theirs = priceOfBill(entry, catalog.get(target)?.prices ?? [], day)
        const ours = kept.get(number)
        bills++
        sum += theirs
        if (theirs !== parseMoney(cost) || theirs !== ours?.cost || ours.costIs !== 'bill') {
          differing.push(`${number} at ${target}: told ${cost}, kept ${ours?.cost}, billed ${theirs}: ${words(entry)}`)
        }
      }
    }
    expect(differing.slice(0, 10)).toEqual([])
    expect(bills).toBe(requests)
    const [house] = await memory.budgets([{ budget: 'house', window: 0 }])
    expect(house?.settled).toBe(sum)
    expect(overruns).toEqual([])
  }, 300_000)
})

function numberIn(text: string): number | undefined {
  const match = marked.exec(text)
  return match === null ? undefined : Number(match[1])
}

function words({ requestId: _, ...entry }: BillEntry): string {
  return JSON.stringify(entry)
}
