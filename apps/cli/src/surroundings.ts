import type { Environment } from '@switchyard/config'

/** What a command finds around it. */
export interface Surroundings {
  readonly environment: Environment
  /** Where configurations are looked for. */
  readonly directory: string
  /** How wide the terminal is. */
  readonly columns: number
  /** Milliseconds since 1970. */
  readonly now: number
  out(text: string): void
  err(text: string): void
}
