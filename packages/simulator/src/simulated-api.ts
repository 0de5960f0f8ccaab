import type { ReplyFunction, SimulatedAnswer } from './answer.ts'
import type { ErrorWording, FaultKind } from './error-wording.ts'
import type { Step } from './fault.ts'
import type { RateLimits } from './rate-limit.ts'
import type { Reply } from './reply.ts'
import type { ModelRoles, SimulatedModel } from './simulated-model.ts'

/** A request as it came over the wire, its body parsed. */
export interface ReceivedRequest {
  readonly id: string
  readonly method: string
  /** Without its query. */
  readonly path: string
  readonly query: URLSearchParams
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>
  /** Absent where there was none. */
  readonly body: unknown
  readonly steps: readonly Step[]
}

/** One thing that can be asked of an api. */
export interface Endpoint {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'DELETE'
  /** Matches the whole path, without its query. */
  readonly path: RegExp
  /** What it would answer, before faults. @throws {RequestRefusal} for what the provider would refuse. */
  answer(request: ReceivedRequest, path: RegExpExecArray): Promise<Reply> | Reply
}

/** What is wrong with a request before anybody looks at what it asks. */
export interface IntakeProblem {
  readonly type:
    | 'repeated-header'
    | 'unknown-path'
    | 'unknown-method'
    | 'too-large'
    | 'content-type'
    | 'no-json'
    | 'no-simulation'
  readonly status: number
  /** In plain words; an api may say it in its own. */
  readonly message: string
}

/** One provider's wire; what is generic (faults, delivery, log, bill, generation) lies outside. */
export interface SimulatedApi {
  /** What the provider's package takes after the origin in its base URL: `/v1`, or nothing. */
  readonly basePath: string
  readonly models: ModelRoles
  readonly endpoints: readonly Endpoint[]
  /** The key that the request carries, wherever this api puts it. */
  credential(request: Pick<ReceivedRequest, 'headers' | 'query'>): string | undefined
  /** The headers that hold the key, in lower case; the log masks them. */
  readonly credentialHeaders: readonly string[]
  /** Whether a request without a key is refused; default `true`. A wrong key is refused anyway. */
  readonly needsKey?: boolean
  /** What it says to a key that is missing or wrong. */
  keyRefusal(credential: string | undefined): ErrorWording
  errorOfStatus(status: number): ErrorWording
  errorOfKind(kind: FaultKind): ErrorWording
  errorOfIntake(problem: IntakeProblem): ErrorWording
  /** The JSON text of an error's body. */
  errorBody(error: ErrorWording, requestId: string): string
  /** Where the time to wait is told: in the `Retry-After` header (default), or by `errorBody`. */
  readonly retryAfterIn?: 'header' | 'body'
  /** On every answer. */
  headers(request: { readonly id: string; readonly receivedAt: number }): Record<string, string>
}

/** What an api is made with. */
export interface SimulatedApiOptions {
  /** Default: those of the api. */
  readonly models?: readonly SimulatedModel[]
  /** Takes every model's name; unknown ones are as the first of `models`, without its limits, and think if asked. Default `false`. */
  readonly anyModel?: boolean
  /** Says `"simulated": true` in everything that answers; default `true`. */
  readonly markSimulated?: boolean
  /** What models say where no script does; default: that the answer is simulated, and what was asked. */
  readonly reply?: string | SimulatedAnswer | ReplyFunction
  /** Refuses what goes beyond, with 429; without them nothing is refused. */
  readonly rateLimits?: RateLimits
}

/** Makes an api; `startSimulator({ api })` takes one, so that a provider of your own can be simulated. */
export type SimulatedApiFactory = (options: SimulatedApiOptions) => SimulatedApi
