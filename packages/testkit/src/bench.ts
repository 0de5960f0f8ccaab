import { fail, ok } from 'node:assert/strict'
import type { IAIProvider, MessageRequest, ModelFactsPort } from '@switchyard/core/contract'
import { type LoggedRequest, type ModelRole, type Simulator, startSimulator } from '@switchyard/simulator'
import type { Bench, ConformanceCheck, ConformanceOptions, FactsByRole } from './conformance.ts'
import { eventually } from './eventually.ts'
import { gapsOf } from './gaps.ts'
import { knownDialects } from './known-dialects.ts'
import { testKey } from './test-key.ts'

/** Generous: nothing waits so long but what never comes. */
const usualPatienceMs = 10_000

/**
 * Runs one check with a server and a provider of its own, and sees that no socket is left afterwards.
 * @param patienceMs how long it waits for what has to come
 * @throws what the check throws; {TypeError} for options that name no server.
 */
export async function runCheck(
  check: ConformanceCheck,
  options: ConformanceOptions,
  patienceMs = usualPatienceMs,
): Promise<void> {
  const { api, readRequest, facts: known } = wireOf(options)
  const gaps = gapsOf(options)
  const simulators: Simulator[] = []
  const providers: IAIProvider[] = []
  const simulate: Bench['simulate'] = async further => {
    const simulator = await startSimulator({ ...options.simulator, ...further, api, apiKey: testKey })
    simulators.push(simulator)
    return simulator
  }
  try {
    const simulator = await simulate({})
    const facts = factsPort(simulator, known)
    const create: Bench['create'] = async setup => {
      const provider = await options.create({ baseURL: simulator.baseURL, apiKey: testKey, facts, ...setup })
      providers.push(provider)
      return provider
    }
    const modelFor = (role: ModelRole) =>
      simulator.models[role] ?? fail(`the simulated api has no "${role}" model; name what it cannot do in \`skip\``)
    await check.run({
      simulator,
      provider: await create({}),
      model: options.model ?? simulator.models.usual,
      options,
      facts,
      create,
      simulate,
      at: origin => origin + simulator.baseURL.slice(simulator.url.length),
      modelFor,
      patienceMs,
      lacks: feature => gaps.features.has(feature),
      readRequest,
    })
    await Promise.all(providers.map(each => each.dispose()))
    await eventually(() => {
      const open = simulators.reduce((sum, each) => sum + each.openSockets, 0)
      ok(open === 0, `${open} sockets are open after dispose`)
    }, patienceMs)
  } finally {
    await Promise.allSettled(providers.map(each => each.dispose()))
    await Promise.allSettled(simulators.map(each => each.close()))
  }
}

/** What a provider is tested against. */
export interface Wire {
  readonly api: NonNullable<ConformanceOptions['api']>
  readonly readRequest: (request: LoggedRequest) => MessageRequest
  readonly facts: FactsByRole
}

/**
 * The server that a provider is tested against, and how its requests are read.
 * @throws {TypeError} for a dialect that is none of ours and says too little of itself.
 */
export function wireOf(options: ConformanceOptions): Wire {
  const known = knownDialects[options.dialect]
  const api = options.api ?? known?.api
  const readRequest = options.readRequest ?? known?.readRequest
  if (api === undefined || readRequest === undefined) {
    const ours = Object.keys(knownDialects).join(', ')
    throw new TypeError(
      `The dialect "${options.dialect}" is none of ours (${ours}): give \`api\`, a factory of its simulated server, and \`readRequest\`.`,
    )
  }
  return { api, readRequest, facts: { ...known?.facts, ...options.facts } }
}

function factsPort({ models }: Simulator, known: FactsByRole): ModelFactsPort {
  const byModel = new Map(Object.entries(models).map(([role, name]) => [name, known[role as ModelRole]]))
  return (_, model) => byModel.get(model)
}
