import {
  abortedError,
  type CallContext,
  type ErrorKind,
  type MessageChunk,
  type MessageRequest,
  type MessageStream,
  messageStream,
  SwitchyardError,
} from '@switchyard/core'
import type { SimulatedProcess } from '../world/simulated-process.ts'
import type { World } from '../world/world.ts'
import type { Manner } from './engine-plan.ts'
import type { Piece, VendorAnswer } from './vendor-answer.ts'

export interface VendorCallFacts {
  readonly target: string
  readonly request: MessageRequest
  readonly context: CallContext
  readonly manner: Manner
  readonly answer: VendorAnswer
}

type Batch = readonly MessageChunk[]
type Arrival = { readonly batch: Batch } | { readonly error: unknown } | 'end'

const refusals: readonly SwitchyardError[] = [
  new SwitchyardError('overloaded', 'Busy.', { status: 529 }),
  new SwitchyardError('unavailable', 'Away.', { status: 503 }),
  new SwitchyardError('rate-limit', 'Slower.', { status: 429 }),
  new SwitchyardError('quota', 'Paid up?', { status: 429 }),
  new SwitchyardError('authentication', 'Who?', { status: 401 }),
  new SwitchyardError('permission', 'Not you.', { status: 403 }),
  new SwitchyardError('not-found', 'No such model.', { status: 404 }),
  new SwitchyardError('context-length', 'Too long.', { status: 400 }),
  new SwitchyardError('content-filter', 'Not that.', { status: 400 }),
  new SwitchyardError('invalid-request', 'Wrong.', { status: 400 }),
  new SwitchyardError('unsupported', 'Not here.', { status: 400 }),
]
const passing = ['overloaded', 'unavailable', 'rate-limit'] as const

/** One call at a vendor's: the socket, what the vendor does at its end, and what was heard of it at ours. */
export class VendorCall {
  readonly target: string
  readonly process: SimulatedProcess
  readonly requestId: string
  readonly context: CallContext
  readonly answer: VendorAnswer
  readonly manner: Manner
  readonly sentAt: number
  /** What of the answer has arrived, words that were put into its mouth included. */
  arrived: string
  /** Chunks have been read of it. */
  opened = false
  /** The vendor ended it, and not well. */
  failed = false
  /** The whole answer was read, to its end. */
  finished = false
  /** With what it failed, where that was an error of ours. */
  kind: ErrorKind | undefined
  retryAfterMs: number | undefined
  /** When it failed. */
  failedAt = 0
  /** Since when its next piece is waited for; absent where nobody reads. */
  readingSince: number | undefined
  /** When something was read last. */
  readAt = 0
  readonly #world: World
  readonly #onEvent: (call: VendorCall, event: string) => void
  readonly #arrivals: Arrival[] = []
  readonly #isDeaf: boolean
  #over = false
  #left = false
  #accepted = false
  #wake: (() => void) | undefined
  #reject: ((error: unknown) => void) | undefined

  constructor(
    world: World,
    process: SimulatedProcess,
    { target, context, manner, answer, request }: VendorCallFacts,
    onEvent: (call: VendorCall, event: string) => void,
  ) {
    this.#world = world
    this.#onEvent = onEvent
    this.process = process
    this.target = target
    this.requestId = context.requestId ?? ''
    this.context = context
    this.manner = manner
    this.answer = answer
    this.sentAt = world.now
    this.isWhole = request.stream === false
    this.arrived = answer.visible.slice(0, answer.visible.length - visibleLength(answer.pieces))
    this.#isDeaf = manner === 'hears no abort'
  }

  readonly isWhole: boolean

  /** Its socket is open, and we have done nothing to close it. */
  get isOpen(): boolean {
    return !this.#over && !this.#left
  }

  get isAccepted(): boolean {
    return this.#accepted
  }

  refuse(error: SwitchyardError): Promise<MessageStream> {
    return this.#start((_, reject) => this.#next('refuses', 0, () => this.#break(() => reject(error), error)))
  }

  open(): Promise<MessageStream> {
    const { random } = this.#world
    switch (this.manner) {
      case 'throws':
        this.#over = true
        this.#fail()
        throw new TypeError('A bug.')
      case 'is silent':
        return this.#start(() => undefined)
      case 'is not reached': {
        const error = random.chance(0.5)
          ? new SwitchyardError('network', 'Refused.', { unsent: true })
          : new SwitchyardError('timeout', 'No connection.', { phase: 'connect', unsent: true })
        return this.#start((_, reject) =>
          this.#next('is not reached', 0, () => this.#break(() => reject(error), error)),
        )
      }
      case 'refuses':
      case 'refuses for a while':
        return this.refuse(this.#refusal())
      case 'ends the call itself': {
        const error = new SwitchyardError('aborted', 'Disposed.')
        return this.#start((_, reject) => this.#next('ends it', 0, () => this.#break(() => reject(error), error)))
      }
      case 'is slow to begin':
        return this.#start(resolve => this.#accept(resolve, random.integer(500, 6_000)))
      default:
        return this.#start(resolve => this.#accept(resolve, 0))
    }
  }

  #refusal(): SwitchyardError {
    const { random } = this.#world
    const refusal = random.pick(refusals)
    const mayWait = this.manner === 'refuses for a while' || random.chance(0.2)
    if (!mayWait) return refusal
    const retryAfterMs = random.pick([50, 400, 900, 3_000, 90_000])
    return new SwitchyardError(random.pick(passing), 'Later.', { status: 429, retryAfterMs })
  }

  #start(
    begin: (resolve: (stream: MessageStream) => void, reject: (error: unknown) => void) => void,
  ): Promise<MessageStream> {
    const { signal } = this.context
    return new Promise((resolve, reject) => {
      this.#reject = reject
      const leave = (): void => this.#leave()
      signal?.addEventListener('abort', leave, { once: true })
      if (signal?.aborted) this.#leave()
      else begin(resolve, reject)
    })
  }

  #accept(resolve: (stream: MessageStream) => void, waitMs: number): void {
    this.#next('accepts', waitMs, () => {
      this.#accepted = true
      resolve(messageStream({ read: () => this.#read(), cancel: () => this.#cancel() }))
      if (this.manner === 'begins with an error') this.#say('begins with an error', 0, { error: this.#inStream() })
      else this.#make(0)
    })
  }

  /** Its answer piece by piece, up to where its manner ends it. */
  #make(at: number): void {
    const { random } = this.#world
    const { pieces } = this.answer
    const piece = pieces[at] as Piece
    const isLast = at === pieces.length - 1
    if (at > 0 && (isLast || random.chance(0.4)) && this.#endsEarly()) return
    const waitMs = this.manner === 'drips' ? random.integer(200, 2_500) : 0
    this.#say(isLast ? 'finish' : 'chunk', waitMs, { batch: piece.chunks }, () => {
      this.arrived += piece.visible
      if (!isLast) this.#make(at + 1)
    })
  }

  /** Whether the answer ends here, and how. */
  #endsEarly(): boolean {
    switch (this.manner) {
      case 'stalls':
      case 'hears no abort':
        return true
      case 'cuts':
        this.#say('cuts', 0, { error: new SwitchyardError('network', 'Cut.') })
        return true
      case 'tells an error':
        this.#say('tells an error', 0, { error: this.#inStream() })
        return true
      case 'ends without an end':
        this.#say('ends without an end', 0, 'end')
        return true
      case 'speaks nonsense':
        this.#say('speaks nonsense', 0, { error: this.#nonsense() })
        return true
      default:
        return false
    }
  }

  #inStream(): SwitchyardError {
    const kind = this.#world.random.pick(['overloaded', 'unavailable', 'rate-limit', 'content-filter'] as const)
    const retryAfterMs = this.#world.random.pick([undefined, undefined, 300, 5_000])
    return new SwitchyardError(kind, 'In the middle.', { ...(retryAfterMs !== undefined && { retryAfterMs }) })
  }

  #nonsense(): unknown {
    return this.#world.random.chance(0.5) ? new SwitchyardError('protocol', 'Garbage.') : new RangeError('A bug.')
  }

  #say(kind: string, waitMs: number, arrival: Arrival, then?: () => void): void {
    this.#next(kind, waitMs, () => {
      this.#arrivals.push(arrival)
      this.#wake?.()
      then?.()
    })
  }

  #read(): Promise<Batch | undefined> {
    return new Promise((resolve, reject) => {
      this.#reject = reject
      this.readingSince = this.#world.now
      this.#wake = () => {
        const next = this.#arrivals.shift()
        if (next === undefined) return
        this.#wake = undefined
        this.readingSince = undefined
        this.readAt = this.#world.now
        this.opened = true
        if (next === 'end') this.#break(() => resolve(undefined), undefined)
        else if ('error' in next) this.#break(() => reject(next.error), next.error)
        else {
          if (next.batch.at(-1)?.type === 'finish') {
            this.#over = true
            this.finished = true
          }
          resolve(next.batch)
        }
      }
      this.#wake()
    })
  }

  /** The vendor has ended it. */
  #break(tell: () => void, error: unknown): void {
    this.#over = true
    if (error instanceof SwitchyardError) {
      this.kind = error.kind
      this.retryAfterMs = error.retryAfterMs
    }
    this.#fail()
    tell()
  }

  #fail(): void {
    this.failed = true
    this.failedAt = this.#world.now
  }

  /** Something that comes from the vendor, unless the socket is closed. */
  #next(kind: string, waitMs: number, run: () => void): void {
    const completion = {
      kind: `${this.target}: ${kind}`,
      to: this.process,
      detail: () => this.requestId,
      run: () => {
        if (this.#over || (this.#left && !this.#isDeaf)) return
        this.#onEvent(this, kind)
        run()
      },
    }
    if (waitMs > 0) this.#world.timer(waitMs, completion)
    else if (this.manner === 'answers at once') {
      this.#world.trace.add(completion.kind, completion.detail)
      completion.run()
    } else this.#world.soon(completion)
  }

  /** Our side was told to end it. */
  #leave(): void {
    if (this.#over || this.#left) return
    this.#left = true
    this.#onEvent(this, 'is told to end')
    if (this.#isDeaf) return
    this.#over = true
    const reject = this.#reject
    const tell = (): void => reject?.(abortedError(this.context.signal?.reason))
    if (this.manner === 'settles late') {
      this.#world.later({
        kind: `${this.target}: settles late`,
        to: this.process,
        detail: () => this.requestId,
        run: tell,
      })
    } else tell()
  }

  #cancel(): void | Promise<void> {
    this.#leave()
    if (this.#isDeaf) return new Promise(() => undefined)
    return undefined
  }
}

function visibleLength(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { visible }) => sum + visible.length, 0)
}
