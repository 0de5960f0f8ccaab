import type { AttemptInfo } from '../engine/admission.ts'

/** Whose attempts a budget or a limit holds for. */
export type Scope =
  | { readonly type: 'all' }
  | { readonly type: 'chain'; readonly name: string }
  /** The caller: `CallContext.principal`. */
  | { readonly type: 'key'; readonly name: string }
  | { readonly type: 'provider'; readonly name: string }
  /** `provider/model`. */
  | { readonly type: 'model'; readonly name: string }
  | { readonly type: 'tag'; readonly name: string }

/** What of an attempt decides which scopes it is in. */
export type ScopedAttempt = Pick<AttemptInfo, 'chains' | 'provider' | 'target'> & {
  readonly context: Pick<AttemptInfo['context'], 'principal' | 'tags'>
}

/** A name of a budget or a limit, and whom it holds for. A name that several scopes hold is one for all of them. */
export interface Holding {
  readonly scope: Scope
  readonly name: string
}
