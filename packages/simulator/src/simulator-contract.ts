import type { simulatedApis } from './apis.ts'
import type { Bill } from './bill.ts'
import type { Fault, ScriptEntry } from './fault.ts'
import type { LoggedRequest } from './request-log.ts'
import type { ReceivedRequest, SimulatedApiFactory, SimulatedApiOptions } from './simulated-api.ts'
import type { ModelRoles } from './simulated-model.ts'

/** What a simulator speaks, by name. */
export type SimulatedApiName = keyof typeof simulatedApis

export interface SimulatorOptions extends SimulatedApiOptions {
  /** The provider it speaks like, or one of your own; default `openai`. */
  readonly api?: SimulatedApiName | SimulatedApiFactory
  /** The one key that is accepted; default `sk-simulated`. */
  readonly apiKey?: string
  /** Accepts every key that is not empty; default `false`. */
  readonly anyKey?: boolean
  /** What goes wrong with a request, by what it says, beside what else is to go wrong; default: nothing. */
  readonly faults?: (request: Pick<ReceivedRequest, 'method' | 'path' | 'headers' | 'body'>) => readonly Fault[]
  /** How many requests the log and the bill keep; default 10,000. */
  readonly logLimit?: number
  /** Whether the log keeps what requests said; default `true`. */
  readonly logBodies?: boolean
  /** Default `127.0.0.1`. */
  readonly host?: string
  /** Default 0: any that is free. */
  readonly port?: number
}

/** A simulated provider that is running. */
export interface Simulator extends AsyncDisposable {
  /** `http://127.0.0.1:41234`. */
  readonly url: string
  /** What the provider's own client takes as its base URL: `url`, with `/v1` where that client wants it. */
  readonly baseURL: string
  /** The names of its models, by what they are good for. */
  readonly models: ModelRoles
  /** The key it accepts. */
  readonly apiKey: string
  /** The newest requests it saw, oldest first. */
  readonly requests: readonly LoggedRequest[]
  /** How many requests came in since the start or the last `reset`, kept or not. */
  readonly requestCount: number
  readonly openSockets: number
  readonly bill: Bill
  /** What the next requests get, one entry each, in this order. A list combines. */
  script(...entries: readonly ScriptEntry[]): void
  /** What every request gets from now on, beside what script and header say of it. Nothing: ends it. */
  setFault(fault?: Fault | readonly Fault[]): void
  /** Everything fails, scripts included, until `recover`; default: 503. */
  outage(fault?: Fault): void
  recover(): void
  /** Settles with the request when the client has closed its socket before the end. @throws after `timeoutMs` (default 2,000). */
  waitForClose(index?: number, timeoutMs?: number): Promise<LoggedRequest>
  /** Settles when so many requests have come in. @throws after `timeoutMs` (default 2,000). */
  waitForRequests(count: number, timeoutMs?: number): Promise<void>
  /** Settles when every request is over. @throws after `timeoutMs` (default 2,000). */
  waitForIdle(timeoutMs?: number): Promise<void>
  /** Forgets log, bill, script, faults and outage. */
  reset(): void
  /** Destroys every socket and stops. */
  close(): Promise<void>
}
