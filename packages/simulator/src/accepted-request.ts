import { createHash } from 'node:crypto'
import type { MessageRequest } from '@switchyard/core/contract'
import type { RequestRefusal } from './error-wording.ts'
import type { SimulatedModel } from './simulated-model.ts'

/** A request for an answer that passed every rule of its api. */
export interface AcceptedRequest {
  /** What is asked, as the api's dialect reads it. */
  readonly request: MessageRequest
  readonly model: SimulatedModel
  /** The model as the request names it. */
  readonly modelName: string
  /** All of the prompt, in the simulator's tokens with the api's own overhead. */
  readonly inputTokens: number
  /** The most that may be made, reasoning included. */
  readonly maxTokens: number
  /** What it is called when `maxTokens` run out; default `length`. */
  readonly cutBy?: 'length' | 'context-length'
  /** Default 1. */
  readonly choices?: number
  /** How much the model thinks before it answers; `shown` as text, or only counted. Default: not at all. */
  readonly thinking?: { readonly tokens: number; readonly shown: boolean }
  /** What becomes of a last assistant message where neither model nor script says it. */
  readonly prefill: 'continued' | 'ignored' | 'refused'
  /** How the api refuses one. */
  readonly prefillRefusal: () => RequestRefusal
  /** The same to the same conversation: ids are made of it. */
  readonly seed: string
  /** The id of a call; default `call_<seed><choice>_<index>`. */
  readonly callId?: (choice: number, index: number) => string
  /** What the cache held of the prompt, and what was added to it; a script may say otherwise. */
  readonly cache?: {
    readonly cachedTokens: number
    /** By lifetime. */
    readonly cacheWriteTokens: Readonly<Record<string, number>>
  }
  /** The lifetime of what is written to the cache where a script does not say it; default `default`. */
  readonly cacheLifetime?: string
}

/** Twenty hexadecimal digits, the same to the same conversation, streamed or not. */
export function seedOf(messages: unknown): string {
  return createHash('sha256').update(JSON.stringify(messages)).digest('hex').slice(0, 20)
}

/** Tokens that a model thinks at an effort. */
export function thinkingTokens(effort: string): number {
  return tokensByEffort[effort] ?? 512
}

const tokensByEffort: Readonly<Record<string, number>> = { none: 0, minimal: 8, low: 16, medium: 64, high: 256 }
