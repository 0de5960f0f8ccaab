import { createChain, type IAIProvider, parseMoney } from '@switchyard/core'
import { type BillEntry, type SimulatedAnswer, type Simulator, startSimulator } from '@switchyard/simulator'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { priceOfBill } from './bills/price-of-bill.ts'
import { type PricedModel, pricedCatalog, simulatedProviders } from './bills/priced-models.ts'
import { marked, randomRequest } from './bills/random-request.ts'
import { SeededRandom } from './world/seeded-random.ts'

const requests = Number(process.env.REQUESTS ?? 10_000)
const atOnce = 64

describe('the bills of the simulated providers', () => {
  const catalog = pricedCatalog()
  const answers = new Map<number, SimulatedAnswer>()
  const simulators: Simulator[] = []
  const providers: IAIProvider[] = []
  const chains: {
    readonly target: string
    readonly model: PricedModel
    readonly chain: ReturnType<typeof createChain>
  }[] = []

  beforeAll(async () => {
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
          id: `${id}-${chains.length}`,
          targets: [{ provider, model: model.name }],
          retry: { attempts: 1 },
        })
        chains.push({ target: `${id}/${model.name}`, model, chain })
      }
    }
  })

  afterAll(async () => {
    await Promise.all(providers.map(provider => provider.dispose()))
    await Promise.all(simulators.map(simulator => simulator.close()))
  })

  it(`are ours to the last digit, over ${requests} random requests`, async () => {
    const random = new SeededRandom(1)
    const told = new Map<number, { readonly target: string; readonly cost: bigint | undefined }>()
    let next = 0
    const worker = async (): Promise<void> => {
      while (next < requests) {
        const number = next++
        const { target, model, chain } = random.pick(chains)
        const { request, answer } = randomRequest(random, number, model)
        answers.set(number, answer)
        const response = await (await chain.sendMessage(request)).response()
        const [billed] = response.billed ?? []
        void parseMoney
        told.set(number, { target, cost: billed?.usage && catalog.cost(billed.usage, target).total })
      }
    }
    await Promise.all(Array.from({ length: atOnce }, worker))
    const day = new Date().toISOString().slice(0, 10)
    const differing: string[] = []
    let billed = 0
    for (const simulator of simulators) {
      const numbers = new Map(simulator.requests.map(({ id, body }) => [id, numberIn(JSON.stringify(body))]))
      for (const entry of simulator.bill.entries) {
        billed++
        const number = numbers.get(entry.requestId) ?? -1
        const ours = told.get(number)
        if (ours === undefined) throw new Error(`Nobody asked for ${JSON.stringify(entry)}.`)
        const theirs = priceOfBill(entry, catalog.get(ours.target)?.prices ?? [], day)
        if (ours.cost !== theirs)
          differing.push(`${number} at ${ours.target}: ${ours.cost}, and ${theirs} is billed for ${words(entry)}`)
      }
    }
    expect(differing.slice(0, 10)).toEqual([])
    expect(billed).toBe(requests)
  }, 300_000)
})

function numberIn(text: string): number | undefined {
  const match = marked.exec(text)
  return match === null ? undefined : Number(match[1])
}

function words({ requestId: _, ...entry }: BillEntry): string {
  return JSON.stringify(entry)
}
