import {
  type CallContext,
  type IAIProvider,
  type MessageRequest,
  type MessageStream,
  modelCapabilities,
  SwitchyardError,
} from '@switchyard/core'
import type { SimulatedProcess } from '../world/simulated-process.ts'
import type { World } from '../world/world.ts'
import type { Manner, VendorPlan } from './engine-plan.ts'
import { type VendorAnswer, vendorAnswer } from './vendor-answer.ts'
import { VendorCall } from './vendor-call.ts'

export interface FaultyVendorOptions {
  readonly plan: VendorPlan
  /** Told when a process sends a call, before anything else comes of it. */
  readonly onSend: (call: VendorCall) => void
  /** Told when something happened to a call: `vendor: cuts`. */
  readonly onEvent: (call: VendorCall, event: string) => void
}

/** A provider's servers, of which each call may meet with anything. */
export class FaultyVendor {
  readonly plan: VendorPlan
  readonly calls: VendorCall[] = []
  /** Nothing goes wrong any more. */
  isWell = false
  readonly #world: World
  readonly #options: FaultyVendorOptions

  constructor(world: World, options: FaultyVendorOptions) {
    this.#world = world
    this.#options = options
    this.plan = options.plan
  }

  /** Its answers to one process. */
  send(process: SimulatedProcess, request: MessageRequest, context: CallContext): Promise<MessageStream> {
    const { random } = this.#world
    const { target, manners, onPrefill, streaming } = this.plan
    const prefill = prefillOf(request)
    let manner: Manner = this.isWell ? 'answers at once' : random.pick(manners)
    // whoever does not stream shows nothing of what happens on the way
    if (streaming === false && manner === 'drips') manner = 'answers'
    const refusesPrefill = prefill !== undefined && onPrefill === 'refuses'
    const answer = this.#answer(context, manner, this.isWell || onPrefill === 'goes on' ? prefill : undefined)
    const call = new VendorCall(
      this.#world,
      process,
      { target, request, context, manner, answer },
      this.#options.onEvent,
    )
    this.calls.push(call)
    this.#options.onSend(call)
    return refusesPrefill ? call.refuse(prefillRefusal) : call.open()
  }

  #answer(context: CallContext, manner: Manner, prefill: string | undefined): VendorAnswer {
    const { random } = this.#world
    const { target, otherWords, toolCalls } = this.plan
    const requestId = context.requestId ?? ''
    const terms = {
      requestId,
      target,
      variant: random.chance(otherWords) ? random.pick(['x', 'yy']) : '',
      endsInToolCall: manner === 'breaks its arguments' || random.chance(toolCalls),
      breaksArguments: manner === 'breaks its arguments',
      thinksFirst: manner === 'thinks first',
      prefill,
    }
    return vendorAnswer(terms, random)
  }
}

/** The providers of one process: one for each account, which knows its models. */
export function providersOf(
  vendors: readonly FaultyVendor[],
  process: SimulatedProcess,
): ReadonlyMap<string, IAIProvider> {
  const providers = new Map<string, IAIProvider>()
  for (const { plan } of vendors) {
    const id = providerOf(plan.target)
    const vendorOf = (model: string | undefined): FaultyVendor =>
      vendors.find(vendor => vendor.plan.target === `${id}/${model}`) as FaultyVendor
    providers.set(id, {
      contract: 1,
      id,
      initialize: async () => undefined,
      sendMessage: (request, context = {}) => vendorOf(request.model).send(process, request, context),
      getCapabilities: model => {
        const { prefill, streaming } = vendorOf(model).plan
        return modelCapabilities({ streaming, prefill, tools: true })
      },
      getModels: async () => [],
      dispose: async () => undefined,
      [Symbol.asyncDispose]: async () => undefined,
    })
  }
  return providers
}

export function providerOf(target: string): string {
  return target.split('/')[0] ?? ''
}

const prefillRefusal = new SwitchyardError('invalid-request', 'The conversation must end with a user message.', {
  status: 400,
})

/** The words that the request puts into the model's mouth. */
function prefillOf({ messages }: MessageRequest): string | undefined {
  const last = messages.at(-1)
  if (last?.role !== 'assistant') return undefined
  const { content } = last
  if (typeof content === 'string') return content
  return content.map(part => ('text' in part && typeof part.text === 'string' ? part.text : '')).join('')
}
