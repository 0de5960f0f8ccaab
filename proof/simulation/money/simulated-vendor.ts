import {
  abortedError,
  type CallContext,
  type EmbeddingRequest,
  type EmbeddingResponse,
  type IAIProvider,
  type MessageChunk,
  type MessageRequest,
  type MessageStream,
  type Money,
  messageStream,
  modelCapabilities,
  SwitchyardError,
} from '@switchyard/core'
import { plainUsage } from '@switchyard/core/testing'
import type { SimulatedProcess } from '../world/simulated-process.ts'
import type { World } from '../world/world.ts'
import { mostInputTokens, mostOutputTokens, type VendorTerms } from './simulated-prices.ts'

/** What a vendor charges for one call, whatever came of it. */
export interface VendorBill {
  readonly target: string
  readonly requestId: string
  /** As the steps were told it. */
  attemptId: string
  readonly process: SimulatedProcess
  /** By the process's wall clock, when it sent the call. */
  readonly sentAt: number
  readonly request: MessageRequest | EmbeddingRequest
  /** Nothing of it ever left the process. */
  readonly unsent: boolean
  amount: Money
  /** Of prompt and answer, as far as it was made. */
  tokens: number
  /** All of the answer was made, and what was used was told. */
  told: boolean
  /** Pico-USD above what the vendor had said that it could be. */
  excess: Money
}

/** How a vendor treats a call. */
export type Treatment =
  | 'answers'
  | 'answers without usage'
  | 'refuses'
  | 'is not reached'
  | 'is silent'
  | 'breaks before the answer'
  | 'cuts'
  | 'ends without an end'
  | 'overcharges'

export interface VendorOptions {
  readonly terms: VendorTerms
  /** Drawn from for each call. */
  readonly treatments: readonly Treatment[]
  /** Told when a process has sent a call, before anything else comes of it. */
  readonly onSend: (bill: VendorBill) => void
}

type Stage = 'sent' | 'answering' | 'over'

const refusals = [
  new SwitchyardError('overloaded', 'Busy.', { status: 529 }),
  new SwitchyardError('rate-limit', 'Slower.', { status: 429, retryAfterMs: 700 }),
  new SwitchyardError('unavailable', 'Away.', { status: 503 }),
  new SwitchyardError('invalid-request', 'Wrong.', { status: 400 }),
]

/** A provider's servers, with their own account of every call: aborted, cut and lost ones too. */
export class SimulatedVendor {
  readonly terms: VendorTerms
  readonly bills: VendorBill[] = []
  readonly #world: World
  readonly #options: VendorOptions
  readonly #stages = new Map<string, 'sent' | 'answering'>()

  constructor(world: World, options: VendorOptions) {
    this.#world = world
    this.#options = options
    this.terms = options.terms
  }

  /** The provider as one process has it. */
  connect(process: SimulatedProcess, sockets: Set<unknown>): IAIProvider {
    const [id = ''] = this.terms.target.split('/')
    const send = (request: MessageRequest | EmbeddingRequest, context: CallContext): Line => {
      const treatment = this.#world.random.pick(this.#options.treatments)
      const bill = this.#open(process, request, context, treatment)
      const enter = (stage: Stage): void => this.#enter(context.requestId ?? '', stage)
      return new Line(this.#world, process, sockets, bill, treatment, context, enter)
    }
    return {
      contract: 1,
      id,
      initialize: async () => undefined,
      sendMessage: (request, context = {}) => send(request, context).message(request, this.terms),
      embed: (request: EmbeddingRequest, context: CallContext = {}) =>
        send(request, context).embedding(request, this.terms),
      getCapabilities: () => modelCapabilities({ streaming: true }),
      getModels: async () => [],
      dispose: async () => undefined,
      [Symbol.asyncDispose]: async () => undefined,
    }
  }

  /** What the newest call of a request is at, as long as it is under way. */
  stageOf(requestId: string): 'sent' | 'answering' | undefined {
    return this.#stages.get(requestId)
  }

  #enter(requestId: string, stage: Stage): void {
    if (stage === 'over') this.#stages.delete(requestId)
    else this.#stages.set(requestId, stage)
  }

  #open(
    process: SimulatedProcess,
    request: MessageRequest | EmbeddingRequest,
    context: CallContext,
    treatment: Treatment,
  ): VendorBill {
    const { requestId = '' } = context
    const { target } = this.terms
    const sentAt = process.clock.wall()
    const bill: VendorBill = {
      target,
      unsent: treatment === 'is not reached',
      requestId,
      attemptId: '',
      process,
      sentAt,
      request,
      amount: 0n,
      tokens: 0,
      told: false,
      excess: 0n,
    }
    if (process.speaks()) {
      this.bills.push(bill)
      this.#options.onSend(bill)
    }
    return bill
  }
}

type Batch = readonly MessageChunk[]

/** One call's connection: what the vendor does with it at one end, what the process hears at the other. */
class Line {
  readonly #world: World
  readonly #process: SimulatedProcess
  readonly #sockets: Set<unknown>
  readonly #bill: VendorBill
  readonly #treatment: Treatment
  readonly #signal: AbortSignal | undefined
  readonly #enter: (stage: Stage) => void
  #vendorIsDone = false
  #reject: ((error: unknown) => void) | undefined
  #onAbort: (() => void) | undefined

  constructor(
    world: World,
    process: SimulatedProcess,
    sockets: Set<unknown>,
    bill: VendorBill,
    treatment: Treatment,
    context: CallContext,
    enter: (stage: Stage) => void,
  ) {
    this.#enter = enter
    this.#world = world
    this.#process = process
    this.#sockets = sockets
    this.#bill = bill
    this.#treatment = treatment
    this.#signal = context.signal
  }

  message(request: MessageRequest, terms: VendorTerms): Promise<MessageStream> {
    const { random } = this.#world
    const most = mostOutputTokens(request, terms)
    const input = random.integer(1, mostInputTokens(request))
    const output = random.chance(0.2) ? most : random.integer(1, most)
    const overcharge = this.#treatment === 'overcharges' ? random.integer(1, 3 * most) : 0
    const pieces = random.integer(1, 3)
    return this.#open((resolve, reject) => {
      this.#charge(input, terms.input)
      if (this.#treatment === 'is silent') return
      if (this.#treatment === 'breaks before the answer') {
        this.#tell('reset', () => this.#end(() => reject(new SwitchyardError('network', 'Reset.'))))
        return
      }
      this.#tell('accepts', () => {
        const read = (): Promise<Batch | undefined> => this.#read(arrived, waiting)
        const arrived: (Batch | { readonly error: unknown } | 'end')[] = []
        const waiting: { wake: (() => void) | undefined } = { wake: undefined }
        this.#reject = undefined
        this.#enter('answering')
        resolve(messageStream({ read, cancel: () => this.#leave() }))
        this.#generate(terms, input, output, overcharge, pieces, arrived, waiting)
      })
    })
  }

  embedding(request: EmbeddingRequest, terms: VendorTerms): Promise<EmbeddingResponse> {
    const { random } = this.#world
    const input = random.integer(1, mostInputTokens(request))
    return this.#open((resolve, reject) => {
      this.#charge(input, terms.input)
      if (this.#treatment === 'is silent') return
      if (this.#treatment === 'breaks before the answer' || this.#treatment === 'cuts') {
        this.#tell('reset', () => this.#end(() => reject(new SwitchyardError('network', 'Reset.'))))
        return
      }
      const tells = this.#treatment !== 'answers without usage'
      this.#bill.told = tells
      this.#tell('answers', () => {
        const usage = tells && { usage: plainUsage(input, 0) }
        this.#end(() => resolve({ model: terms.target, embeddings: [[1]], ...usage }))
      })
    })
  }

  /** Opens the socket; `accepted` runs where the vendor takes the call. */
  #open<Value>(accepted: (resolve: (value: Value) => void, reject: (error: unknown) => void) => void): Promise<Value> {
    return new Promise((resolve, reject) => {
      if (this.#process.isDead) return
      if (this.#signal?.aborted) {
        this.#vendorIsDone = true
        reject(abortedError(this.#signal.reason))
        return
      }
      this.#sockets.add(this)
      this.#enter('sent')
      this.#process.onDeath(() => this.#leave())
      this.#reject = reject
      this.#onAbort = () => this.#leave()
      this.#signal?.addEventListener('abort', this.#onAbort)
      if (this.#treatment === 'is not reached') {
        const error = new SwitchyardError('network', 'Refused.', { unsent: true })
        this.#tell('is not reached', () => this.#end(() => reject(error)))
        return
      }
      this.#world.soon({
        kind: `${this.#bill.target}: arrives`,
        from: this.#process,
        detail: () => this.#bill.requestId,
        run: () => {
          if (this.#vendorIsDone) return
          if (this.#treatment === 'refuses') {
            const error = this.#world.random.pick(refusals)
            this.#tell('refuses', () => this.#end(() => reject(error)))
          } else accepted(resolve, reject)
        },
      })
    })
  }

  /** Makes the answer piece by piece, and goes on until it hears that nobody listens. */
  #generate(
    terms: VendorTerms,
    input: number,
    output: number,
    overcharge: number,
    pieces: number,
    arrived: (Batch | { readonly error: unknown } | 'end')[],
    waiting: { wake: (() => void) | undefined },
  ): void {
    const give = (kind: string, what: Batch | { readonly error: unknown } | 'end'): void =>
      this.#tell(kind, () => {
        arrived.push(what)
        waiting.wake?.()
      })
    const make = (piece: number, made: number): void => {
      if (this.#vendorIsDone) return
      const tokens = piece === pieces ? output - made : Math.min(output - made, Math.ceil(output / pieces))
      this.#charge(tokens, terms.output)
      const text: MessageChunk = { type: 'text-delta', id: 0, text: 'x' }
      const opening: Batch =
        piece === 1 ? [{ type: 'start', model: terms.target }, { type: 'text-start', id: 0 }, text] : [text]
      if (piece < pieces) {
        if (this.#treatment === 'cuts' && this.#world.random.chance(0.5)) {
          give('cut', { error: new SwitchyardError('network', 'Cut.') })
          return
        }
        give('chunk', opening)
        this.#at('makes', () => make(piece + 1, made + tokens))
        return
      }
      if (this.#treatment === 'cuts') {
        give('cut', { error: new SwitchyardError('network', 'Cut.') })
        return
      }
      if (this.#treatment === 'ends without an end') {
        give('chunk', opening)
        give('end', 'end')
        return
      }
      this.#charge(overcharge, terms.output)
      this.#bill.excess = BigInt(overcharge) * terms.output
      this.#bill.told = this.#treatment !== 'answers without usage'
      const usage = this.#bill.told && { usage: plainUsage(input, output + overcharge) }
      give('finish', [
        ...opening,
        { type: 'text-end', id: 0, complete: true },
        { type: 'finish', reason: 'stop', ...usage },
      ])
    }
    this.#at('makes', () => make(1, 0))
  }

  #read(
    arrived: (Batch | { readonly error: unknown } | 'end')[],
    waiting: { wake: (() => void) | undefined },
  ): Promise<Batch | undefined> {
    return new Promise((resolve, reject) => {
      this.#reject = reject
      const take = (): void => {
        const next = arrived.shift()
        if (next === undefined) {
          waiting.wake = take
          return
        }
        waiting.wake = undefined
        if (next === 'end') this.#end(() => resolve(undefined))
        else if ('error' in next) this.#end(() => reject(next.error))
        else if (next.at(-1)?.type === 'finish') this.#end(() => resolve(next))
        else resolve(next)
      }
      take()
    })
  }

  #charge(tokens: number, price: Money): void {
    this.#bill.tokens += tokens
    this.#bill.amount += BigInt(tokens) * price
  }

  /** Something that happens at the vendor's. */
  #at(kind: string, run: () => void): void {
    this.#world.soon({ kind: `${this.#bill.target}: ${kind}`, detail: () => this.#bill.requestId, run })
  }

  /** Something that the process hears, in the order it was told. */
  readonly #untold: { readonly kind: string; readonly run: () => void }[] = []

  #tell(kind: string, run: () => void): void {
    this.#untold.push({ kind, run })
    if (this.#untold.length === 1) this.#tellNext()
  }

  #tellNext(): void {
    const [next] = this.#untold
    if (next === undefined) return
    this.#world.soon({
      kind: `${this.#bill.target}: ${next.kind}`,
      to: this.#process,
      detail: () => this.#bill.requestId,
      run: () => {
        this.#untold.shift()
        if (this.#sockets.has(this)) next.run()
        this.#tellNext()
      },
    })
  }

  /** The process closes its end; the vendor hears of it at some time, and makes and charges until then. */
  #leave(): void {
    if (!this.#sockets.has(this)) return
    this.#end(() => this.#reject?.(abortedError(this.#signal?.reason)))
    this.#at('hears that nobody listens', () => {
      this.#vendorIsDone = true
    })
  }

  #end(settle: () => void): void {
    this.#sockets.delete(this)
    this.#enter('over')
    if (this.#onAbort !== undefined) this.#signal?.removeEventListener('abort', this.#onAbort)
    settle()
  }
}
