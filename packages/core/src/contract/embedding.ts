import type { DialectExtra } from './message.ts'
import type { Usage } from './usage.ts'

export interface EmbeddingRequest {
  readonly model?: string
  readonly input: readonly string[]
  /** Length of each vector, where the model lets one choose. */
  readonly dimensions?: number
  readonly extra?: DialectExtra
}

export interface EmbeddingResponse {
  /** `provider/model` that answered. */
  readonly model: string
  /** One vector for each input, in order. */
  readonly embeddings: readonly (readonly number[])[]
  readonly usage?: Usage
}
