import type { ErrorKind, FinishReason, TimeoutPhase, Usage } from '../contract/index.ts'
import type { SelectionReason } from '../selection/selection-policy.ts'

/** What every event tells; all durations are milliseconds. No event carries text of a prompt or an answer, nor a credential. */
export interface EventBase {
  /** When it happened, in milliseconds since 1970. */
  readonly at: number
}

/** An event of one request. */
export interface RequestEvent extends EventBase {
  readonly requestId?: string
  /** The chain that the request runs through; absent where a provider was asked directly. */
  readonly chain?: string
}

/** An event of one attempt at one target. */
export interface AttemptEvent extends RequestEvent {
  /** `provider/model`. */
  readonly target: string
  /** Counts the attempts of this request, from 1. */
  readonly attempt: number
}

export interface MessageSentEvent extends RequestEvent {
  /** The model that was asked for: a chain's name or `provider/model`. */
  readonly model?: string
  /** Whether the caller wants the answer as it is made. */
  readonly stream: boolean
}

/** Where a request goes, and why. */
export interface TargetsSelectedEvent extends RequestEvent {
  /** `priority`, or the policy's name. */
  readonly policy: string
  /** Who is asked first, and who then, where that fails. */
  readonly order: readonly ReasonedTarget[]
  /** Who is not asked at all. */
  readonly passedOver: readonly ReasonedTarget[]
}

interface ReasonedTarget {
  /** `provider/model`; a nested chain's name. */
  readonly target: string
  readonly reasons: readonly SelectionReason[]
}

export type AttemptStartedEvent = AttemptEvent

export interface FirstTokenEvent extends AttemptEvent {
  /** From the attempt's start. */
  readonly durationMs: number
}

/** What failed, and how. */
interface FailureEvent extends AttemptEvent {
  readonly kind: ErrorKind
  readonly message: string
  readonly status?: number
  readonly code?: string
  /** The provider's id of the request. */
  readonly providerRequestId?: string
  readonly phase?: TimeoutPhase
  readonly retryAfterMs?: number
  /** From the attempt's start. */
  readonly durationMs: number
}

export type AttemptFailedEvent = FailureEvent

export interface RetryScheduledEvent extends AttemptEvent {
  readonly delayMs: number
  /** What failed. */
  readonly reason: ErrorKind
}

export interface FallbackChosenEvent extends RequestEvent {
  /** `provider/model` that is given up. */
  readonly from: string
  /** `provider/model` that is asked next. */
  readonly to: string
  /** What failed, or what refused. */
  readonly reason: ErrorKind
}

export interface HedgeStartedEvent extends AttemptEvent {
  /** `provider/model` that is slow to begin, and is still waited for. */
  readonly from: string
  /** How long it was waited for. */
  readonly afterMs: number
}

export interface HedgeWonEvent extends AttemptEvent {
  /** `provider/model` of each attempt beside it, whether it was left or had failed. */
  readonly over: readonly string[]
}

export interface TargetSkippedEvent extends RequestEvent {
  /** `provider/model`. */
  readonly target: string
  /** Why nothing was sent: `circuit-open`, `unsupported`. */
  readonly reason: ErrorKind
  readonly message: string
}

/** A circuit changed; it may guard the target for several chains. */
export interface CircuitEvent extends EventBase {
  /** What it guards: `provider/model`, or `provider` for a whole account. */
  readonly target: string
  readonly from: 'closed' | 'open' | 'half-open' | 'isolated'
  readonly reason: string
  /** Of an opening: how long until a probe is let through, in milliseconds. */
  readonly openForMs?: number
  /** Of an isolation: what whoever did it said. */
  readonly note?: string
}

export interface ResponseGeneratedEvent extends RequestEvent {
  /** `provider/model` that answered. */
  readonly target: string
  /** How many attempts were made. */
  readonly attempts: number
  readonly reason: FinishReason
  /** From the caller's call to the end of the answer. */
  readonly durationMs: number
  /** Of the answer as it was given, whoever began it. */
  readonly usage?: Usage
}

export interface StreamCompletedEvent extends AttemptEvent {
  readonly reason: FinishReason
  /** From the attempt's start. */
  readonly durationMs: number
  /** Of this attempt alone. */
  readonly usage?: Usage
}

export type StreamFailedEvent = FailureEvent

/** `target` goes on with an answer that broke, which may be its own. */
export interface StreamContinuedEvent extends AttemptEvent {
  /** `provider/model` whose stream broke. */
  readonly from: string
  /** It was given the text so far to go on from, or has said it all again. */
  readonly how: 'prefill' | 'regenerate'
  /** What broke it. */
  readonly reason: ErrorKind
  /** How much of the answer's text had been shown. */
  readonly characters: number
}

export interface ProviderEvent extends EventBase {
  readonly provider: string
  readonly durationMs: number
}

/** Of a model in its provider's own list. */
interface ModelEvent extends EventBase {
  readonly provider: string
  readonly model: string
}

/** The provider lists a model that it did not list before. */
export interface ModelNewEvent extends ModelEvent {
  readonly contextWindow?: number
  readonly maxOutputTokens?: number
}

/** The provider says something else of a model than before. */
export interface ModelChangedEvent extends ModelEvent {
  /** The names of what changed: `contextWindow`, `capabilities.tools`. */
  readonly changes: readonly string[]
}

/** The provider now says when a model retires. */
export interface ModelDeprecatedEvent extends ModelEvent {
  /** ISO date. */
  readonly retiresAt: string
}

/** The provider lists a model no more. */
export type ModelGoneEvent = ModelEvent

/** A provider did not tell its models; what it told before still holds. */
export interface ModelSyncFailedEvent extends EventBase {
  readonly provider: string
  readonly kind: ErrorKind
  readonly message: string
}

/** The file of the providers' models could not be read or written. */
export interface ModelFileFailedEvent extends EventBase {
  readonly path: string
  /** What happened and what follows from it. */
  readonly message: string
}

/** A target's model is retired, near it, deprecated, or not listed by its provider any more. */
export interface TargetRetiringEvent extends EventBase {
  /** `provider/model`. */
  readonly target: string
  readonly state: 'retired' | 'retiring' | 'deprecated' | 'gone'
  /** ISO date of the retirement, where one is known. */
  readonly date?: string
  /** Whole days until then; negative when it is past. */
  readonly daysLeft?: number
  /** `provider/model` that its provider names instead. */
  readonly replacement?: string
  /** A sentence for a person. */
  readonly message: string
}

/** What an attempt costs is known, or as much of it as ever will be. Amounts are exact text: `"0.00042 USD"`. */
export interface CostCalculatedEvent extends RequestEvent {
  /** `provider/model`. */
  readonly target: string
  readonly cost: string
  /** As `AttemptEntry.costIs` says. */
  readonly costIs: 'bill' | 'bound' | 'nothing' | 'unknown'
  readonly estimate?: string
  readonly usage?: Usage
}

/** Of one window of a budget. Amounts are exact text: `"9.5 USD"`. */
interface BudgetEvent extends EventBase {
  readonly budget: string
  readonly limit: string
  readonly settled: string
  /** When the window ends, in milliseconds since 1970; absent where it never does. */
  readonly renewsAt?: number
}

/** A share of a budget is used up; told once for each window, by one process. */
export interface BudgetAlertEvent extends BudgetEvent {
  /** From 0 to 1. */
  readonly threshold: number
}

/** A budget refused an attempt. */
export interface BudgetRefusedEvent extends BudgetEvent {
  readonly requestId?: string
  readonly target: string
  /** The most that the attempt could have cost. */
  readonly asked: string
  readonly left: string
}

/** A provider billed more than an attempt could cost by what is known. */
export interface BudgetOverrunEvent extends BudgetEvent {
  readonly requestId?: string
  readonly target: string
  readonly billed: string
  readonly bound: string
}

/** A limit refused an attempt. */
export interface LimitRefusedEvent extends RequestEvent {
  /** As it is configured: `tier1`. */
  readonly limit: string
  /** What ran out: `tokens-per-minute`, or `concurrency`. */
  readonly quantity: string
  readonly target: string
  readonly retryAfterMs?: number
}

/** Every event by its name. */
export interface EventMap {
  /** A caller asked; first of a request. */
  readonly 'message-sent': MessageSentEvent
  /** A chain with several targets has decided where a request goes. */
  readonly 'targets-selected': TargetsSelectedEvent
  readonly 'attempt-started': AttemptStartedEvent
  /** The first block of an attempt's answer arrived. */
  readonly 'first-token': FirstTokenEvent
  readonly 'attempt-failed': AttemptFailedEvent
  /** The same target will be asked again. */
  readonly 'retry-scheduled': RetryScheduledEvent
  /** Another target will be asked. */
  readonly 'fallback-chosen': FallbackChosenEvent
  /** `target` is asked beside one that is slow to begin. */
  readonly 'hedge-started': HedgeStartedEvent
  /** Of attempts side by side, `target`, whether asked first or later, was the first to have something to show. */
  readonly 'hedge-won': HedgeWonEvent
  /** A target was passed over without being asked. */
  readonly 'target-skipped': TargetSkippedEvent
  readonly 'circuit-opened': CircuitEvent
  readonly 'circuit-half-opened': CircuitEvent
  readonly 'circuit-closed': CircuitEvent
  readonly 'circuit-isolated': CircuitEvent
  /** The whole answer has been given to the caller, streamed or not. */
  readonly 'response-generated': ResponseGeneratedEvent
  /** A stream ran to its finish. */
  readonly 'stream-completed': StreamCompletedEvent
  /**
   * A stream that broke goes on, with the first that its new attempt shows. Of the break itself `attempt-failed` tells.
   */
  readonly 'stream-continued': StreamContinuedEvent
  /** A stream broke after it had begun, and nobody went on with it. */
  readonly 'stream-failed': StreamFailedEvent
  readonly 'cost-calculated': CostCalculatedEvent
  readonly 'budget-alert': BudgetAlertEvent
  readonly 'budget-refused': BudgetRefusedEvent
  readonly 'budget-overrun': BudgetOverrunEvent
  readonly 'limit-refused': LimitRefusedEvent
  readonly 'provider-initialised': ProviderEvent
  readonly 'provider-disposed': ProviderEvent
  readonly 'model-new': ModelNewEvent
  readonly 'model-changed': ModelChangedEvent
  readonly 'model-deprecated': ModelDeprecatedEvent
  readonly 'model-gone': ModelGoneEvent
  readonly 'model-sync-failed': ModelSyncFailedEvent
  readonly 'model-file-failed': ModelFileFailedEvent
  readonly 'target-retiring': TargetRetiringEvent
}

export type EventName = keyof EventMap
