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

/** Whether the attempt is in the scope. An attempt is in the scope of every chain it came through. */
export function inScope(scope: Scope, attempt: ScopedAttempt): boolean {
  switch (scope.type) {
    case 'all':
      return true
    case 'chain':
      return attempt.chains.includes(scope.name)
    case 'key':
      return attempt.context.principal === scope.name
    case 'provider':
      return attempt.provider === scope.name
    case 'model':
      return attempt.target === scope.name
    case 'tag':
      return attempt.context.tags?.includes(scope.name) ?? false
  }
}

/** A name of a budget or a limit, and whom it holds for. A name that several scopes hold is one for all of them. */
export interface Holding {
  readonly scope: Scope
  readonly name: string
}

/** The names that hold for an attempt, each once, in the order of the holdings. */
export function namesFor(holdings: readonly Holding[], attempt: ScopedAttempt): readonly string[] {
  const names = new Set<string>()
  for (const { scope, name } of holdings) if (inScope(scope, attempt)) names.add(name)
  return [...names]
}
